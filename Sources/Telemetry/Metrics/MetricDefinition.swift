/// A metric as people are told of it: in `# HELP` and `# TYPE`, in the manual, in the dashboards' tests.
///
/// The definition of a metric stands beside what counts it, or in the program's catalogue; nothing else says its name, type, labels or text.
package struct MetricDefinition: Sendable {
    /// With its unit and, for counters, `_total`.
    package let name: String
    package let type: MetricType
    /// One sentence or two, for the `# HELP` line.
    package let help: String
    /// In the order of their names.
    package let labels: [MetricLabel]
    /// Upper bounds of a histogram in its unit, `+Inf` implied; empty for 5 ms to 10 s.
    package let buckets: [Double]

    package init(_ name: String, _ type: MetricType, _ help: String, labels: [MetricLabel] = [], buckets: [Double] = []) {
        self.name = name
        self.type = type
        self.help = help
        self.labels = labels.sorted { $0.name < $1.name }
        self.buckets = buckets
    }
}

/// A label of a metric, and what bounds its values.
package struct MetricLabel: Sendable {
    /// The values that a label may have.
    package enum Values: Sendable {
        /// These and no others.
        case known([String])
        /// Known when the program has read its configuration; named after what they are.
        case given(String)
        /// They come up while the program runs, `atMost` different ones; the first exist from the start.
        case open(atMost: Int, first: [String])
    }

    package let name: String
    package let values: Values

    package init(_ name: String, _ values: Values) {
        self.name = name
        self.values = values
    }
}

extension PrometheusRegistry {
    /// Declares a metric and makes every series exist at 0 whose label values are known. Declared once more, a gauge loses the series of what is not
    /// configured any more; counters keep theirs.
    ///
    /// - Parameter given: the values of labels that the configuration decides, by the name that the label has for them.
    package func declare(_ metric: MetricDefinition, given: [String: [String]] = [:]) {
        declare(metric.name, help: metric.help, type: metric.type, buckets: metric.buckets)
        var combinations: [[(String, String)]] = [[]]
        for label in metric.labels {
            let values =
                switch label.values {
                case .known(let values): values
                case .given(let what): given[what] ?? []
                case .open(_, let first): first
                }
            combinations = combinations.flatMap { pairs in values.map { pairs + [(label.name, $0)] } }
        }
        for dimensions in combinations { seed(metric.name, dimensions) }
        let isConfigured = metric.labels.contains { if case .given = $0.values { true } else { false } }
        if metric.type == .gauge, isConfigured { keep(combinations, of: metric.name) }
    }

    /// Sets a gauge, or a counter whose total is kept elsewhere (by the kernel, by the store).
    package func set(_ metric: MetricDefinition, _ dimensions: [(String, String)] = [], to value: Double) {
        switch metric.type {
        case .counter: setCounter(metric.name, dimensions, to: value)
        case .gauge, .histogram: setGauge(metric.name, dimensions, to: value)
        }
    }
}
