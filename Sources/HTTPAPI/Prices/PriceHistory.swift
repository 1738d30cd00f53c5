import MarketData
import TickerStore

/// Reads buckets of one series' prices from a snapshot.
struct PriceHistory: Sendable {
    var series: SeriesKey
    var interval: PriceInterval
    /// The first moment, and the one behind the last; a bucket that holds any of those between them is shown whole.
    var from, to: Timestamp?
    var isAscending: Bool
    /// The last bucket of the page before.
    var after: Timestamp?
    var limit: Int

    struct Page: Sendable {
        /// In the order asked for.
        var buckets: [PriceBucket]
        var hasMore: Bool
    }

    /// A page ends with the bucket in which so many rows, or blocks of lines, were read: a client gets an answer within a second or so, and goes on.
    private static let mostRows = 500_000
    private static let mostBlocks = 4_000

    /// Blocks on the disk: call it from a thread that may.
    func page(_ snapshot: Snapshot) throws -> Page {
        // Whole buckets: the bounds cut none, and leave none out that has to do with them.
        var first = from.map { interval.start(of: $0) }
        var end = to.map { interval.firstStart(from: $0) }
        if let after {
            if isAscending { first = max(first ?? after, interval.end(from: after)) } else { end = min(end ?? after, after) }
        }
        var walk = try SeriesWalk(snapshot, of: series, from: first, to: end, isAscending ? .ascending : .descending)
        var buckets = PriceBuckets(interval, isAscending: isAscending, limit: limit)
        var rows = 0
        while true {
            let piece = try walk.next()
            if piece.timestamps.isEmpty { return Page(buckets: buckets.buckets, hasMore: false) }
            var start = 0
            for (time, lineEnd) in zip(piece.timestamps, piece.rows.ends) {
                let line = piece.rows.bytes.span.extracting(start..<lineEnd)
                start = lineEnd
                guard let layout = TickerLineLayout(line) else { continue }
                let isEnough = rows >= Self.mostRows || walk.blocks >= Self.mostBlocks
                if isEnough && !buckets.buckets.isEmpty && !buckets.continues(at: time) || !buckets.add(line.extracting(layout.price), at: time) {
                    return Page(buckets: buckets.buckets, hasMore: true)
                }
                rows += 1
            }
        }
    }
}
