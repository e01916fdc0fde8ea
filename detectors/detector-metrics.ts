// What the detectors count about themselves.
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export type DetectorMetrics = ReturnType<typeof detectorMetrics>;

export function detectorMetrics(registry: Registry) {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name, help, labelNames, registers });
  return {
    events: counter("tillwatch_detector_events_total", "Events judged, by how they came.", ["how"]),
    findings: counter("tillwatch_detector_findings_total", "Findings saved, by level.", ["level"]),
    shed: counter("tillwatch_detector_shed_items_total", "Window items let go to stay in bounds.", [
      "rule",
    ]),
    faults: counter("tillwatch_detector_rule_faults_total", "Rules switched off by a fault.", [
      "rule",
    ]),
    behind: counter(
      "tillwatch_detector_behind_total",
      "Times that a merchant's queue was over its bound.",
    ),
    failures: counter(
      "tillwatch_detector_failures_total",
      "Turns that failed and are tried again.",
    ),
    held: new Gauge({
      name: "tillwatch_detector_held_events",
      help: "Events that wait to be judged.",
      registers,
    }),
    lag: new Histogram({
      name: "tillwatch_detector_event_to_judged_seconds",
      help: "From an event's arrival until it was judged and saved.",
      buckets: [0.1, 0.25, 0.5, 0.75, 1, 2, 5, 10, 60],
      registers,
    }),
  };
}
