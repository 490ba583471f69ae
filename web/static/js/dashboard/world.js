// The world map's shapes. Regions are named by their ISO 3166 number, as internal/chart names them.
import world from "world-atlas/countries-110m.json";
import { feature } from "topojson-client";

const ANTARCTICA = "010"; // nobody reads there, and it takes a fifth of the map

export function worldMap() {
  const map = feature(world, world.objects.countries);
  map.features = map.features.filter((f) => f.id !== ANTARCTICA);
  for (const f of map.features) {
    f.properties = { name: f.id || f.properties.name };
    const polygons = f.geometry.type === "Polygon" ? [f.geometry.coordinates] : f.geometry.coordinates;
    for (const ring of polygons.flat()) unwrap(ring);
  }
  return map;
}

// A ring that crosses the 180th meridian (Russia, Fiji) goes on beyond it
// instead of jumping to the other side of the map.
function unwrap(ring) {
  const crosses = ring.some(([lng], i) => i && Math.abs(lng - ring[i - 1][0]) > 180);
  if (crosses) for (const point of ring) if (point[0] < 0) point[0] += 360;
}

// Natural Earth projection (Šavrič and others, 2011: its polynomials), so that
// Greenland is not as large as Africa. ECharts' y axis points down.
const M = [0.8707, -0.131979, -0.013791, 0.003971, -0.001529];
const N = [1.007226, 0.015085, -0.044475, 0.028874, -0.005916];
const RAD = Math.PI / 180;

function width(f) {
  const f2 = f * f, f4 = f2 * f2;
  return M[0] + f2 * (M[1] + f2 * (M[2] + f4 * (f2 * M[3] + f4 * M[4])));
}

function height(f) {
  const f2 = f * f, f4 = f2 * f2;
  return f * (N[0] + f2 * (N[1] + f4 * (N[2] + N[3] * f2 + N[4] * f4)));
}

export const naturalEarth = {
  project([lng, lat]) {
    const f = lat * RAD;
    return [lng * RAD * width(f), -height(f)];
  },
  unproject([x, y]) {
    let f = -y;
    for (let i = 0; i < 25; i++) {
      const d = (height(f) + y) / ((height(f + 1e-6) - height(f)) / 1e-6);
      f -= d;
      if (Math.abs(d) < 1e-6) break;
    }
    return [x / width(f) / RAD, f / RAD];
  },
};
