const VERSION = {{ version|tojson }};
const KEPT = {{ kept|tojson }};
const OFFLINE = {{ offline|tojson }};
{{ asset("sw.js").text|safe }}
