/** The ratios as an image: a bar a runner, a panel a model. */
import * as echarts from "echarts";

const WIDTH = 760;
const BAR = 22;
const HEAD = 64;
const COLOURS = { Polyhead: "#2f6f4f", other: "#8a94a6", alone: "#9cc3ae" };

/**
 * @param {Awaited<ReturnType<typeof import("./digest.mjs").digest>>[]} models
 * @returns {string} SVG
 */
export function plot(models) {
  const panels = models.map(({ rows }) => rows.length * BAR);
  const tops = panels.map((_, index) => HEAD + panels.slice(0, index).reduce((sum, height) => sum + height + HEAD, 0));
  const height = tops.at(-1) + panels.at(-1) + HEAD;
  const most = Math.max(1, ...models.flatMap(({ rows }) => rows.map((row) => row.inference.toOneThread.median)));
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  chart.setOption({
    animation: false,
    backgroundColor: "#fff",
    title: models.map(({ name }, index) => ({
      text: `${name}: time of an inference, Polyhead on one thread = 1`,
      top: tops[index] - 34,
      left: 16,
      textStyle: { fontSize: 14, fontWeight: "normal" },
    })),
    grid: models.map((_, index) => ({ top: tops[index], height: panels[index], left: 230, right: 100 })),
    xAxis: models.map((_, index) => ({ type: "value", gridIndex: index, min: 0, max: Math.ceil(most * 5) / 5 })),
    yAxis: models.map(({ rows }, index) => ({
      type: "category",
      gridIndex: index,
      inverse: true,
      data: rows.map(({ runner, threads }) => `${runner}, ${threads === 1 ? "1 thread" : `${threads} threads`}`),
      axisTick: { show: false },
    })),
    series: models.map(({ rows }, index) => ({
      type: "bar",
      xAxisIndex: index,
      yAxisIndex: index,
      barWidth: BAR - 8,
      label: { show: true, position: "right", formatter: ({ data }) => data.said },
      data: rows.map((row) => ({
        value: row.inference.toOneThread.median,
        said: `${row.inference.toOneThread.median.toFixed(2)} (${row.inference.milliseconds.median.toFixed(1)} ms)`,
        itemStyle: { color: row.alone ? COLOURS.alone : (COLOURS[row.runner] ?? COLOURS.other) },
      })),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
