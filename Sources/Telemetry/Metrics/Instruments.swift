import CoreMetrics

/// A counter: only grows. Negative and unreadable amounts are ignored.
final class CounterInstrument: CounterHandler, FloatingPointCounterHandler {
    private let registry: PrometheusRegistry
    /// nil when the name has another type: the instrument then does nothing.
    private let slot: Int?

    init(registry: PrometheusRegistry, slot: Int?) {
        self.registry = registry
        self.slot = slot
    }

    func increment(by amount: Int64) {
        guard let slot, amount > 0 else { return }
        registry.add(Double(amount), to: slot)
    }

    func increment(by amount: Double) {
        guard let slot, amount > 0, amount.isFinite else { return }
        registry.add(amount, to: slot)
    }

    func reset() {
        guard let slot else { return }
        registry.set(0, at: slot)
    }
}

/// A gauge: the last value set.
final class GaugeInstrument: MeterHandler, RecorderHandler {
    private let registry: PrometheusRegistry
    private let slot: Int?

    init(registry: PrometheusRegistry, slot: Int?) {
        self.registry = registry
        self.slot = slot
    }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) {
        guard let slot else { return }
        registry.set(value, at: slot)
    }

    func increment(by amount: Double) {
        guard let slot else { return }
        registry.add(amount, to: slot)
    }

    func decrement(by amount: Double) { increment(by: -amount) }

    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
}

/// A histogram. Timers arrive in nanoseconds and are kept in seconds, the base unit of Prometheus.
final class HistogramInstrument: TimerHandler, RecorderHandler {
    private let registry: PrometheusRegistry
    private let slot: Int?
    private let bounds: [Double]

    init(registry: PrometheusRegistry, slot: Int?, bounds: [Double]) {
        self.registry = registry
        self.slot = slot
        self.bounds = bounds
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        // A single NaN would make the sum NaN for ever.
        guard let slot, value.isFinite else { return }
        // The bucket is found before the lock is taken.
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        registry.observe(value, bucket: bucket, at: slot)
    }
}
