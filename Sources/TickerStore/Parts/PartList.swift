/// The memory parts of the store, merged in tiers so that a scan never asks more than a few dozen.
struct PartList: Sendable {
    /// Parts of about one size that are merged into one.
    private static let fanIn = 8
    /// A part is not merged beyond this; sorting one stays well under a second.
    private static let maximumRows = 1 << 20

    private(set) var views: [PartView] = []

    /// Adds a part, newest last, and merges what has become too many.
    mutating func append(_ part: MemoryPart, rank: [UInt32]) {
        views.append(PartView(part: part))
        while let start = mergeStart() { merge(from: start, rank: rank) }
    }

    /// Where the newest `fanIn` parts of one tier begin, if there are that many.
    private func mergeStart() -> Int? {
        guard let last = views.last else { return nil }
        let tier = Self.tier(last.part.count)
        var start = views.count
        var rows = 0
        while start > 0, Self.tier(views[start - 1].part.count) <= tier {
            start -= 1
            rows += views[start].liveCount
        }
        return views.count - start >= Self.fanIn && rows <= Self.maximumRows ? start : nil
    }

    /// 0 for up to 4,096 rows, one more for each factor of `fanIn`.
    private static func tier(_ rows: Int) -> Int {
        var tier = 0
        var size = 4_096
        while rows > size {
            size *= fanIn
            tier += 1
        }
        return tier
    }

    private mutating func merge(from start: Int, rank: [UInt32]) {
        var rows: [PartRow] = []
        rows.reserveCapacity(views[start...].reduce(0) { $0 + $1.liveCount })
        for view in views[start...] { view.part.appendLiveRows(except: view.dead, rank: rank, to: &rows) }
        views.removeSubrange(start...)
        if !rows.isEmpty { views.append(PartView(part: MemoryPart(rows))) }
    }

    /// Marks the row of a key whose line lies at `locator` as superseded.
    mutating func markDead(series: UInt32, timestamp: Int64, locator: LineLocator, rank: [UInt32]) {
        for index in views.indices.reversed() {
            if let row = views[index].part.row(series: series, timestamp: timestamp, locator: locator, rank: rank) {
                views[index].dead.insert(row)
                return
            }
        }
        assertionFailure("a superseded row is in no part")
    }
}
