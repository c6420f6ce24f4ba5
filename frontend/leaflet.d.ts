// Leaflet's own modules have no types: @types/leaflet has those of the whole library.
declare module "leaflet/src/*";
