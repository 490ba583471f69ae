// The world map.
import { registerMap, use } from "echarts/core";
import { install as map } from "echarts/lib/chart/map/install.js";
import { install as scale } from "echarts/lib/component/visualMap/installVisualMapContinuous.js";
import "./core.js";
import { naturalEarth, worldMap } from "../world.js";

use([map, scale]);
registerMap("world", worldMap());

export { naturalEarth };
