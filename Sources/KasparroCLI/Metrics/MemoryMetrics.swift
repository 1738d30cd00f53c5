import HTTPAPI
import Telemetry
import TickerStore

/// Where the memory is.
enum MemoryMetrics {
    static let all = [memory]

    /// What memory is used for.
    private enum Use: String, CaseIterable {
        /// Decoded blocks of segments, for the next reader.
        case blocks
        /// Pages of `/data` as they are printed.
        case pages
        /// The newest rows, for clients of `/stream`.
        case stream
        /// Whatever else somebody holds.
        case other
        /// What nobody holds and is not given back yet.
        case unused
    }

    private static let memory = MetricDefinition(
        "kasparro_memory_bytes",
        .gauge,
        "Memory of the process that is not of files, by use: decoded blocks, pages as they are printed, rows for /stream, all other, unused.",
        labels: [MetricLabel("use", .known(Use.allCases.map(\.rawValue)))]
    )

    static func refreshAtScrape(_ registry: PrometheusRegistry, store: Store, pages: PageCache, feed: CommitFeed) {
        registry.onScrape { registry in
            guard let own = OwnMemory.now() else { return }
            let cached: [(Use, Int)] = [(.blocks, store.cachedBytes), (.pages, pages.bytes), (.stream, feed.bytes)]
            let other = own.inUse - cached.reduce(0) { $0 + $1.1 }
            for (use, bytes) in cached + [(.other, max(0, other)), (.unused, own.unused)] {
                registry.set(memory, [("use", use.rawValue)], to: Double(bytes))
            }
        }
    }
}
