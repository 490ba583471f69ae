// The hours of a week.
import { use } from "echarts/core";
import { install as heatmap } from "echarts/lib/chart/heatmap/install.js";
import { install as scale } from "echarts/lib/component/visualMap/installVisualMapContinuous.js";
import "./axes.js";

use([heatmap, scale]);
