// Pictures with axes, and the lines and columns that most of them have.
import { use } from "echarts/core";
import { install as bars } from "echarts/lib/chart/bar/install.js";
import { install as lines } from "echarts/lib/chart/line/install.js";
import { install as grid } from "echarts/lib/component/grid/install.js";
import { install as legend } from "echarts/lib/component/legend/install.js";
import { installLabelLayout as labels } from "echarts/lib/label/installLabelLayout.js";
import "./core.js";

use([bars, lines, grid, legend, labels]);
