package import CoreMetrics

/// What swift-metrics instruments become.
///
/// `Counter` → counter; `Gauge`, `Meter`, `Recorder(aggregate: false)` → gauge; `Recorder(aggregate: true)` → histogram;
/// `Timer` → histogram in seconds. A timer whose label does not end in `_seconds` gets that suffix, so that the unit is
/// never a guess. Series stay when an instrument is destroyed: a counter that vanishes and comes back reads as a reset.
extension PrometheusRegistry {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        // A declaration knows better than the call site which of the two was meant.
        switch declaredType(of: label) {
        case .gauge: gauge(label, dimensions)
        case .histogram: histogram(label, dimensions)
        default: aggregate ? histogram(label, dimensions) : gauge(label, dimensions)
        }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label.hasSuffix("_seconds") ? label : label + "_seconds", dimensions)
    }

    package func destroyCounter(_: any CounterHandler) {}
    package func destroyFloatingPointCounter(_: any FloatingPointCounterHandler) {}
    package func destroyMeter(_: any MeterHandler) {}
    package func destroyRecorder(_: any RecorderHandler) {}
    package func destroyTimer(_: any TimerHandler) {}

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterInstrument {
        CounterInstrument(registry: self, slot: slot(label, dimensions, type: .counter))
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeInstrument {
        GaugeInstrument(registry: self, slot: slot(label, dimensions, type: .gauge))
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramInstrument {
        let slot = slot(label, dimensions, type: .histogram)
        return HistogramInstrument(registry: self, slot: slot, bounds: bounds(of: label))
    }
}
