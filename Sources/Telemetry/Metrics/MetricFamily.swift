/// The type written in a family's `# TYPE` line.
package enum MetricType: String, Sendable {
    case counter, gauge, histogram
}

/// All series of one metric name.
struct MetricFamily {
    let name: String
    let type: MetricType
    /// Empty until declared; then no `# HELP` line is written.
    var help: String
    /// Upper bounds of a histogram's buckets, ascending, without `+Inf`; empty for the other types.
    let bounds: [Double]
    /// Sorted by the rendered labels, so that two scrapes list series in the same order.
    var series: [(labels: LabelSet, slot: Int)] = []

    /// Where `labels` is, or where it belongs.
    func position(of labels: LabelSet) -> (index: Int, found: Bool) {
        var low = 0
        var high = series.count
        while low < high {
            let middle = (low + high) / 2
            if series[middle].labels.bytes.lexicographicallyPrecedes(labels.bytes) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return (low, low < series.count && series[low].labels == labels)
    }
}

/// The numbers of one series.
enum Sample {
    /// A counter or a gauge.
    case scalar(Double)
    /// `counts[i]` observations at most `bounds[i]` and above the bound before it; the last entry is everything above.
    case histogram(counts: [Int64], sum: Double)
}
