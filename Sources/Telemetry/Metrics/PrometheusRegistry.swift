import CoreMetrics
import Logging
import Synchronization

/// All metrics of the process, and their text for `GET /metrics`.
///
/// A swift-metrics backend: bootstrap `MetricsSystem` with it and every `Counter`, `Gauge`, `Timer` of the process
/// lands here. It never traps on what a caller does: an illegal name is made legal, an instrument whose name already has
/// another type counts nothing, and either is logged once as a warning.
package final class PrometheusRegistry: MetricsFactory, Sendable {
    /// What `GET /metrics` sends as `Content-Type`.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let state = Mutex(RegistryState())
    private let hooks = Mutex<[@Sendable (PrometheusRegistry) -> Void]>([])
    private let onMisuse: @Sendable (_ metric: String, _ message: String) -> Void

    /// - Parameter onMisuse: told of each mistake in the use of metrics, once per metric; logs a warning by default.
    package init(
        onMisuse: @escaping @Sendable (_ metric: String, _ message: String) -> Void = PrometheusRegistry.logMisuse
    ) {
        self.onMisuse = onMisuse
    }

    /// Logs a mistake as a warning. The logger is made on the spot: a registry exists before logging is set up.
    package static let logMisuse: @Sendable (_ metric: String, _ message: String) -> Void = { metric, message in
        Logger(label: "kasparro.metrics").warning("\(message)", metadata: ["metric": "\(metric)"])
    }

    /// Gives a metric its help text, type and buckets. Do this before the first instrument is made.
    ///
    /// - Parameters:
    ///   - name: the full name, with its unit and, for counters, `_total`.
    ///   - help: one sentence for the `# HELP` line.
    ///   - type: counter, gauge or histogram.
    ///   - buckets: upper bounds of a histogram in its unit, `+Inf` implied; empty for 5 ms to 10 s.
    package func declare(_ name: String, help: String, type: MetricType, buckets: [Double] = []) {
        let legal = legalName(name)
        if !state.withLock({ $0.declare(legal, help: help, type: type, bounds: buckets) }) {
            warn(about: legal, "a metric is declared with two types; the first one stays")
        }
    }

    /// Makes a series of a declared metric exist at 0, so that a graph or an alert on it has a value from the start.
    ///
    /// - Parameters:
    ///   - name: a name given to `declare` before.
    ///   - dimensions: its labels.
    package func seed(_ name: String, _ dimensions: [(String, String)] = []) {
        let legal = legalName(name)
        guard let type = state.withLock({ $0.type(of: legal) }) else {
            warn(about: legal, "a series of a metric that was not declared cannot exist at 0")
            return
        }
        _ = slot(legal, dimensions, type: type)
    }

    /// Sets a gauge, creating it when needed. Meant for values read at scrape time.
    package func setGauge(_ name: String, _ dimensions: [(String, String)] = [], to value: Double) {
        guard let slot = slot(name, dimensions, type: .gauge) else { return }
        set(value, at: slot)
    }

    /// Sets a counter to a total kept elsewhere (by the kernel, by the store), creating it when needed. It never falls: of two scrapes at the
    /// same time the slower one may bring the older total, which would read as a restart.
    package func setCounter(_ name: String, _ dimensions: [(String, String)] = [], to total: Double) {
        guard let slot = slot(name, dimensions, type: .counter) else { return }
        state.withLock { $0.raise(to: total, at: slot) }
    }

    /// Takes all other series of a metric away.
    func keep(_ series: [[(String, String)]], of name: String) {
        let labels = Set(series.map { LabelSet($0) })
        state.withLock { $0.keep(labels, of: MetricName.metric(name)) }
    }

    /// Runs `hook` before every rendering, on the thread that renders and outside the lock; it should only copy
    /// numbers into gauges.
    package func onScrape(_ hook: @escaping @Sendable (PrometheusRegistry) -> Void) {
        hooks.withLock { $0.append(hook) }
    }

    /// The exposition text, after all scrape hooks have run.
    package func render() -> [UInt8] {
        for hook in hooks.withLock({ $0 }) { hook(self) }
        // Printing takes a millisecond, in which nobody who counts is to wait: the numbers are shared until one of them changes.
        let numbers = state.withLock { $0 }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128 * 1024)
        Exposition.append(numbers, to: &bytes)
        return bytes
    }

    // MARK: used by the instruments

    func add(_ amount: Double, to slot: Int) { state.withLock { $0.add(amount, to: slot) } }
    func set(_ value: Double, at slot: Int) { state.withLock { $0.set(value, at: slot) } }
    func observe(_ value: Double, bucket: Int, at slot: Int) {
        state.withLock { $0.observe(value, bucket: bucket, at: slot) }
    }

    /// The declared type of `name`, made legal first.
    func declaredType(of name: String) -> MetricType? {
        let legal = MetricName.metric(name)
        return state.withLock { $0.type(of: legal) }
    }

    /// A histogram's bounds.
    func bounds(of name: String) -> [Double] {
        let legal = MetricName.metric(name)
        return state.withLock { $0.bounds(of: legal) }
    }

    /// The slot for an instrument; nil, with one warning, when the name has another type.
    func slot(_ name: String, _ dimensions: [(String, String)], type: MetricType) -> Int? {
        let legal = legalName(name)
        let labels = LabelSet(dimensions)
        if labels.wasSanitised {
            warn(about: legal + "{}", "a metric has label names that are illegal or given twice; they were changed")
        }
        let slot = state.withLock { $0.slot(legal, labels: labels, type: type) }
        if slot == nil {
            warn(about: legal, "an instrument's type is not the one its metric has; it counts nothing")
        }
        return slot
    }

    private func legalName(_ name: String) -> String {
        let legal = MetricName.metric(name)
        if legal != name {
            warn(about: name, "a metric name has characters that Prometheus does not allow; they became `_`")
        }
        return legal
    }

    /// Tells outside the lock: the log handler counts its messages in this very registry.
    private func warn(about name: String, _ message: String) {
        if state.withLock({ $0.shouldWarn(about: name) }) { onMisuse(name, message) }
    }
}
