import MarketData

/// The rows of the store by key, wherever they are: in the log's generations or in sealed segments.
///
/// Invariant: each key is live in exactly one place.
struct RowTables {
    /// Where the live line of a key is.
    enum Place {
        case log(LineLocator)
        /// A group of `sealed`, and a row in it.
        case sealed(group: Int, row: Int)
    }

    var series = SeriesTable()
    /// One for each source of quarantined records that are not sealed.
    var quarantineSeries = SeriesTable()
    /// Oldest first; the last one is open.
    var generations: [Generation] = []
    /// By id.
    private(set) var slots: [SegmentSlot] = []
    /// The time that each slot spans; apart from the slots, because every new row looks through it.
    private var spans: [ClosedRange<Int64>] = []
    /// The groups of all slots, one slot's after the other's.
    private(set) var sealed: [GroupView] = []
    var lines = LineReader()
    let cache: BlockCache
    /// Keys whose rows died while a job is at work on the files they are in; the job's result must learn of it.
    var carried: CarriedDeaths?

    init(cache: BlockCache) { self.cache = cache }

    var open: Generation {
        get { generations[generations.count - 1] }
        _modify { yield &generations[generations.count - 1] }
    }

    /// Where the live line of a key is; nil when there is none.
    func find(series number: UInt32, timestamp: Int64) throws(StoreError) -> Place? {
        // By index: a loop over the values would count references for every row.
        for index in generations.indices.reversed() {
            if let locator = generations[index].index.locator(series: number, timestamp: timestamp) { return .log(locator) }
        }
        return try findSealed(series: number, timestamp: timestamp).map { .sealed(group: $0.group, row: $0.row) }
    }

    /// Where the live row of a key is in a segment.
    ///
    /// - Parameter ids: Of the segments to look into; nil: all.
    func findSealed(series number: UInt32, timestamp: Int64, in ids: Set<UInt64>? = nil) throws(StoreError) -> (group: Int, row: Int)? {
        for slot in spans.indices where spans[slot].contains(timestamp) && ids?.contains(slots[slot].info.id) != false {
            // The groups of a segment follow each other in time; those that hold the instant are neighbours.
            let groups = slots[slot].groups
            var index = partition(groups) { sealed[$0].group.latest >= timestamp }
            while index < groups.upperBound, sealed[index].group.earliest <= timestamp {
                try sealed[index].group.check()
                if let row = sealed[index].liveRow(series: number, timestamp: timestamp, rank: series.rank) { return (index, row) }
                index += 1
            }
        }
        return nil
    }

    /// Whether the line of a row says the same as `line`.
    ///
    /// - Parameter writer: The open log file: lines of batches that are being committed are still in its memory.
    mutating func holdsSameContent(_ place: Place, as line: Span<UInt8>, pendingIn writer: borrowing LogWriter) throws(StoreError) -> Bool {
        switch place {
        case .log(let locator):
            return try lines.holdsSameContent(locator, as: line, pendingIn: writer)
        case .sealed(let index, let row):
            guard case .segment(let segment, let firstRow) = sealed[index].group.lines else { preconditionFailure("a sealed group has a segment") }
            var stored: [UInt8] = []
            try segment.readLines([firstRow + row], cache: cache) { _, bytes in stored = [UInt8](bytes) }
            return TickerLine.sameContent(stored.span, line)
        }
    }

    /// Marks a row as superseded.
    mutating func markDead(_ place: Place, series number: UInt32, timestamp: Int64) {
        switch place {
        case .log(let locator):
            guard let index = generations.firstIndex(where: { $0.number == locator.file }) else { return }
            generations[index].groups.markDead(series: number, timestamp: timestamp, offset: locator.offset, rank: series.rank)
            carried?.add(generation: locator.file, series: number, timestamp: timestamp)
        case .sealed(let index, let row):
            guard sealed[index].dead.insert(row, of: sealed[index].group.count) else { return }
            let slot = slots.firstIndex { $0.groups.contains(index) }!
            slots[slot].deadRows += 1
            slots[slot].live[String(decoding: series.keys[Int(number)].source, as: UTF8.self), default: 0] -= 1
            carried?.add(segment: slots[slot].info.id, series: number, timestamp: timestamp)
        }
    }

    /// Takes a segment into the tables.
    ///
    /// - Parameter dead: One bit a row; empty: all live.
    mutating func add(_ segment: Segment, info: SegmentInfo, dead: [UInt64] = []) {
        let numbers = series.numbers(for: segment)
        let first = sealed.count
        for (entry, group) in zip(segment.groups, segment.makeRowGroups(seriesNumbers: numbers)) {
            sealed.append(GroupView(group: group, dead: DeadRows(bits: dead, from: entry.firstRow, count: entry.rows)))
        }
        slots.append(SegmentSlot(segment: segment, info: info, groups: first..<sealed.count, live: info.live, deadRows: info.deadRows))
        spans.append(info.earliest...info.latest)
    }

    /// Takes segments out of the tables.
    mutating func remove(_ ids: Set<UInt64>) {
        let old = (slots, sealed)
        slots = []
        sealed = []
        for var slot in old.0 where !ids.contains(slot.info.id) {
            let first = sealed.count
            sealed.append(contentsOf: old.1[slot.groups])
            slot.groups = first..<sealed.count
            slots.append(slot)
        }
        spans = slots.map { $0.info.earliest...$0.info.latest }
    }

    /// What the manifest will say of a segment from now on.
    mutating func update(_ info: SegmentInfo) {
        guard let index = slots.firstIndex(where: { $0.info.id == info.id }) else { return }
        slots[index].info = info
    }

    /// One bit a row of a segment: dead.
    func deadWords(of slot: SegmentSlot) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: (slot.info.rows + 63) / 64)
        for (entry, index) in zip(slot.segment.groups, slot.groups) {
            for row in sealed[index].dead.rows {
                let place = entry.firstRow + row
                words[place / 64] |= 1 << UInt64(place % 64)
            }
        }
        return words
    }

    /// The groups that readers see.
    var groups: [GroupView] { sealed + generations.flatMap(\.groups.views) }
}
