import MarketData

extension Snapshot {
    /// Where rows came from.
    ///
    /// Each raw record's own bytes stay where they are when the row is in the log; of sealed ones each block is inflated once at most, so the
    /// work is bounded by the rows asked for times the raw segments over an instant.
    ///
    /// - Throws: `.corrupt`, `.inputOutput`.
    func lineage(of places: [RowScan.Place]) throws(StoreError) -> [RowLineage] {
        var result: [RowLineage] = []
        result.reserveCapacity(places.count)
        var sealed: [Int] = []
        var salts: [String: UInt32] = [:]
        for (index, place) in places.enumerated() {
            let group = groups[Int(place.group)].group
            let row = Int(place.row)
            let number = group.series(ofRun: group.run(ofRow: row))
            var lineage = RowLineage(series: series.keys[Int(number)], timestamp: Timestamp(milliseconds: group.timestamp(row)))
            if case .log(_, let path, let offsets, _) = group.lines, let log = logs.first(where: { $0.path == path }) {
                let salt: UInt32
                if let known = salts[path] { salt = known } else { salt = try log.salt() }
                salts[path] = salt
                lineage.origin = try log.origin(ofLineAt: Int(offsets[row]), salt: salt)
            } else {
                sealed.append(index)
            }
            result.append(lineage)
        }
        if !sealed.isEmpty { try addSealedOrigins(of: sealed, to: &result) }
        return result
    }

    /// Of several raw records of a row the one that was committed last counts, as in `rawRecord(of:timestamp:)`.
    private func addSealedOrigins(of indices: [Int], to lineage: inout [RowLineage]) throws(StoreError) {
        for slot in others where slot.info.family == .raw {
            var search = SegmentKeySearch(slot.segment)
            var wanted: [(row: Int, index: Int)] = []
            for index in indices where (slot.info.earliest...slot.info.latest).contains(lineage[index].timestamp.milliseconds) {
                let rows = try search.rows(of: lineage[index].series, timestamp: lineage[index].timestamp.milliseconds)
                for row in rows { wanted.append((row, index)) }
            }
            wanted.sort { $0.row < $1.row }
            var broken = false
            try slot.segment.readLines(wanted.map(\.row), cache: cache) { place, bytes in
                guard let origin = RowOrigin(rawLine: bytes) else {
                    broken = true
                    return
                }
                let index = wanted[place].index
                if lineage[index].origin.map({ $0.order <= origin.order }) ?? true { lineage[index].origin = origin }
            }
            if broken { throw StoreError(.corrupt, "\(slot.segment.dataPath): a line is no raw record. \(SegmentFormat.dataAdvice)") }
        }
    }
}

extension RowOrigin {
    /// From a line of a raw segment; nil when it is none.
    init?(rawLine bytes: UnsafeRawBufferPointer) {
        // Inside a string the quote would have a backslash before it, so the first such bytes are the member.
        let mark: StaticString = #","record"#
        let pattern = UnsafeRawBufferPointer(start: mark.utf8Start, count: mark.utf8CodeUnitCount)
        guard let end = firstPlace(of: pattern, in: bytes),
            let root = try? JSONDocument(parsing: [UInt8](bytes.slice(0..<end)) + [UInt8(ascii: "}")]).root,
            let time = root.member("fetched_at")?.string, let fetchedAt = try? Timestamp.parse(Array(time.utf8).span),
            let runID = root.member("run_id")?.string, let batch = root.member("batch")?.integer
        else { return nil }
        self.init(runID: runID, batch: Int(batch), fetchedAt: fetchedAt, lsn: root.lsn)
    }
}
