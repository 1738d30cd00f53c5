import MarketData

extension Snapshot {
    /// Records that are read together, records that are looked at for one page, and bytes of the records of a page, about.
    private static let pieceLength = 32
    private static let longestLook = 16_384
    private static let pageBytes = 4 << 20

    /// Quarantined records, newest first; those of one instant by source and id, so that a walk goes on where it was, whatever is sealed, merged or
    /// taken out meanwhile.
    ///
    /// Blocks on the disk: call it from a thread that may.
    ///
    /// - Parameters:
    ///   - reason: One of the record's reasons.
    ///   - position: Only records behind it.
    ///   - limit: At most so many.
    /// - Throws: `.corrupt`, `.inputOutput`.
    package func quarantined(
        source: String? = nil,
        reason: String? = nil,
        before position: QuarantinePosition? = nil,
        limit: Int
    ) throws(StoreError) -> QuarantinePage {
        let quarantine = QuarantineGroups(self)
        var page = QuarantinePage()
        guard var scan = try quarantine.scan(source: source, before: nil, from: position, .descending) else { return page }
        var looked = 0
        var bytes = 0
        while scan.current != nil {
            let run = try quarantine.nextRun(&scan)
            let isAtStart =
                run.recordedAt == position?.recordedAt.milliseconds && String(decoding: run.source.source, as: UTF8.self) == position?.source
            var rest = Self.ordered(run.places, quarantine, below: isAtStart ? position?.id : nil)[...]
            while !rest.isEmpty {
                let piece = Array(rest.prefix(min(Self.pieceLength, reason == nil ? limit - page.records.count : .max)))
                for (index, record) in try quarantine.records(piece).enumerated() {
                    looked += 1
                    bytes += record.content.count + record.header.count
                    if reason.map({ record.reasons.contains($0) }) ?? true { page.records.append(record) }
                    guard page.records.count >= limit || looked >= Self.longestLook || bytes >= Self.pageBytes else { continue }
                    if index + 1 < rest.count || scan.current != nil { page.next = record.placeInOrder }
                    return page
                }
                rest = rest.dropFirst(piece.count)
            }
        }
        return page
    }

    /// The records of one instant and source, highest id first.
    private static func ordered(_ places: [RowScan.Place], _ quarantine: QuarantineGroups, below bound: RecordDigest?) -> [RowScan.Place] {
        if places.count == 1, bound == nil { return places }
        let ids = quarantine.ids(of: places)
        let wanted = places.indices.filter { index in bound.map { ids[index] < $0 } ?? true }
        return wanted.sorted { ids[$0] > ids[$1] }.map { places[$0] }
    }

    /// The quarantined record with an id, if it waits.
    package func quarantined(id: RecordDigest) throws(StoreError) -> WaitingRecord? {
        for log in logs.reversed() { if let record = try log.waiting.record(id) { return record } }
        for slot in others where slot.info.family == .quarantine {
            guard let row = slot.row(ofID: id) else { continue }
            var line: [UInt8] = []
            try slot.segment.readLines([row], cache: cache) { _, bytes in line = [UInt8](bytes) }
            return try WaitingRecord(line: line, in: slot.segment.dataPath)
        }
        return nil
    }

    /// The ids of waiting records that begin with these hex digits, in order.
    ///
    /// - Parameter limit: At most so many.
    /// - Returns: nil when the text is none of 1 to 32 lower-case hex digits.
    package func quarantinedIDs(abbreviated text: String, limit: Int) -> [RecordDigest]? {
        guard (1...32).contains(text.utf8.count), let low = RecordDigest(hexadecimal: Self.filled(text, "0")),
            let high = RecordDigest(hexadecimal: Self.filled(text, "f"))
        else { return nil }
        var found = Set(logs.flatMap { $0.waiting.ids(in: low...high) })
        for slot in others where slot.info.family == .quarantine { found.formUnion(slot.ids(in: low...high)) }
        return Array(found.sorted().prefix(limit))
    }

    private static func filled(_ text: String, _ digit: String) -> String { text + String(repeating: digit, count: 32 - text.utf8.count) }
}
