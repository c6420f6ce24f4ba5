"""Answer questions about whole layers: functions that take frames and return frames.

Layers come in any CRS and are never changed; without a CRS they are refused (``CrsError``). Metres
are geodesic, or in a plane that is true to scale: ``city.metric_crs``, or by default one around the
data. ``docs/analysis.md`` has the method, units, sources and limits of each.

| question | function |
|---|---|
| how long, how steep, how winding is each trail | ``trails.by_trail`` |
| how steep is it over 30 m, how far from bench to bench | ``slopes.measure_trails`` |
| how much of it lies in each area | ``trails.by_area``, ``trails.by_surface``, ``trails.split`` |
| who can walk to a trail | ``access.within_reach``, ``access.service_areas`` |
| where is a trail missing | ``access.gaps``, ``access.sites`` |
| which stop, car park, toilet is near its ends | ``arrivals.find_arrivals`` |
| along which paths does one walk | ``network.Network`` |
| which shops are there, who takes Onnuri | ``shops.summary``, ``shops.figures``, ``shops.mix`` |
| how dense and how mixed are they | ``shops.density``, ``shops.diversity`` |
| which districts are a short walk away | ``walks.walks``, ``walks.ends`` |
| what does a walker pass, who could meet | ``meetings.passed``, ``meetings.pairs`` |
| what changed since last quarter | ``change.compare``, ``change.totals``, ``change.measures`` |
| what changed in the whole city | ``city_comparison.compare_cities`` |
| how soon is the direct line answered | ``direct_line.publish``, ``waiting.measure_answers`` |
| what of it is published for good | ``frozen_months.freeze``, ``frozen_months.is_changed`` |
"""
