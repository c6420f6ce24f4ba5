const VERSION = {{ version|tojson }};
const KEPT = {{ kept|tojson }};
const LIMIT_BYTES = {{ limit_bytes }};
const BACKDROP = {{ backdrop|tojson }};
const OFFLINE = {{ offline|tojson }};
{{ asset("sw.js").text|safe }}
