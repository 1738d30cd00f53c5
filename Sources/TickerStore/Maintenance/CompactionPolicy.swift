/// Which segments of a family are worth writing anew.
package struct CompactionPolicy: Sendable {
    /// Segments of about one size that are merged into one.
    package var fanIn = 8
    /// Segments with more rows than this are not merged for being small.
    package var largeRows = 524_288
    /// Segments that may overlap in time; a lookup asks each of them. Four times as many while the ones to be merged are a large one and
    /// a few rows: importing one file per coin would else write every row anew dozens of times.
    package var maximumOverlap = 4
    /// One dead row in so many makes a segment worth rewriting.
    package var deadShare = 4

    package init() {}

    /// A segment as the policy sees it.
    struct Candidate {
        var id: UInt64
        var rows: Int
        var deadRows: Int
        var earliest: Int64
        var latest: Int64
        /// Only segments of one window are merged with each other.
        var window: Int64

        init(_ info: SegmentInfo, deadRows: Int) {
            id = info.id
            rows = info.rows
            self.deadRows = deadRows
            earliest = info.earliest
            latest = info.latest
            // What is dropped by its age is kept in pieces of a week, so that old lines do not wait for young ones.
            let isDroppedByAge = info.family == .raw || info.family == .quarantine
            window = isDroppedByAge ? info.recorded.upperBound / (7 * 86_400_000) : 0
        }
    }

    /// The segments to write anew as one; empty: nothing is worth it.
    func choose(_ candidates: [Candidate]) -> [UInt64] {
        if let rotten = candidates.first(where: { $0.deadRows * deadShare > $0.rows }) { return [rotten.id] }
        for window in Set(candidates.map(\.window)).sorted() {
            let members = candidates.filter { $0.window == window }.sorted { ($0.earliest, $0.id) < ($1.earliest, $1.id) }
            let chosen = overlapping(members)
            if !chosen.isEmpty { return chosen }
            let small = smallNeighbours(members)
            if !small.isEmpty { return small }
        }
        return []
    }

    /// The smallest of those that lie over one instant, as many as make the rest and their merger few enough.
    private func overlapping(_ byStart: [Candidate]) -> [UInt64] {
        for start in byStart {
            let over = byStart.filter { $0.earliest <= start.earliest && start.earliest <= $0.latest }
            guard over.count > maximumOverlap else { continue }
            let count = min(fanIn, over.count - maximumOverlap + 1)
            let merged = over.sorted { ($0.rows, $0.id) < ($1.rows, $1.id) }.prefix(count)
            // A large one is not written anew for the sake of a few rows: the small ones wait until they are many, and are merged by themselves.
            let small = merged.dropLast().reduce(0) { $0 + $1.rows }
            if small * 4 < merged.last!.rows, over.count <= 4 * maximumOverlap { continue }
            return merged.map(\.id).sorted()
        }
        return []
    }

    /// `fanIn` segments of one tier of size, neighbours in time.
    private func smallNeighbours(_ byStart: [Candidate]) -> [UInt64] {
        var size = largeRows / (fanIn * fanIn * fanIn)
        var smaller = 0
        while size <= largeRows {
            let tier = byStart.filter { $0.rows > smaller && $0.rows <= size }
            if tier.count >= fanIn { return tier.prefix(fanIn).map(\.id).sorted() }
            smaller = size
            size *= fanIn
        }
        return []
    }

    /// What a compaction that was asked for writes anew: everything that is small, has dead rows or overlaps, if that makes fewer or smaller segments.
    func chooseAll(_ candidates: [Candidate], maximumRows: Int) -> [UInt64] {
        for window in Set(candidates.map(\.window)).sorted() {
            let members = candidates.filter { $0.window == window }
            let chosen = members.filter { member in
                member.deadRows > 0 || member.rows * 2 < maximumRows
                    || members.contains { $0.id != member.id && $0.earliest <= member.latest && member.earliest <= $0.latest }
            }
            var rest = chosen.sorted { ($0.earliest, $0.id) < ($1.earliest, $1.id) }[...]
            while !rest.isEmpty {
                let first = firstNeighbours(rest, maximumRows: 2 * maximumRows)
                if first.count > 1 || first.contains(where: { $0.deadRows > 0 }) { return first.map(\.id).sorted() }
                rest = rest.dropFirst(first.count)
            }
        }
        return []
    }

    /// As many of the earliest as one job may write anew: sealing waits for it.
    private func firstNeighbours(_ candidates: ArraySlice<Candidate>, maximumRows: Int) -> [Candidate] {
        var result: [Candidate] = []
        var rows = 0
        for candidate in candidates {
            if result.count == fanIn || (!result.isEmpty && rows + candidate.rows > maximumRows) { break }
            result.append(candidate)
            rows += candidate.rows
        }
        return result
    }
}
