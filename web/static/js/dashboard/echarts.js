// The custom build of ECharts: only what internal/chart can ask for. It is a
// chunk of its own, fetched when the first picture is drawn.
import { use, init, registerMap, getMap } from "echarts/core";
import { BarChart, HeatmapChart, LineChart, MapChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";

use([
  BarChart, HeatmapChart, LineChart, MapChart,
  AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent,
  CanvasRenderer,
]);

export { init, registerMap, getMap };
