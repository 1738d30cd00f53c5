import MarketData

extension Snapshot {
    /// Lines of a family that is only appended to, highest position first.
    ///
    /// - Parameters:
    ///   - family: `.runs` or `.outliers`.
    ///   - position: Only lines below it; nil: from the highest one on.
    ///   - limit: At most so many.
    /// - Throws: `.corrupt`, `.inputOutput`.
    package func records(_ family: Family, before position: Int64? = nil, limit: Int) throws(StoreError) -> [LineRecord] {
        let unsealed = records.joined().filter { $0.family == family && $0.position < position ?? .max }
        var found = Array(unsealed.sorted { $0.position > $1.position }.prefix(limit))
        for slot in others where slot.info.family == family && slot.info.earliest < position ?? .max {
            found += try sealedRecords(slot, before: position, limit: limit)
        }
        found.sort { $0.position > $1.position }
        return Array(found.prefix(limit))
    }

    private func sealedRecords(_ slot: FamilySlot, before position: Int64?, limit: Int) throws(StoreError) -> [LineRecord] {
        var filter = ScanFilter()
        if let position { filter.high = SortKey(timestamp: position, position: 0) }
        let (groups, table) = slot.groups()
        var scan = try RowScan(groups, filter: filter, rank: table.rank, direction: .descending)
        var places: [RowScan.Place] = []
        var result: [LineRecord] = []
        while places.count < limit, let place = scan.current {
            places.append(place)
            result.append(LineRecord(family: slot.info.family, series: table.keys[Int(scan.series)], position: scan.timestamp, line: []))
            try scan.advance()
        }
        let lines = try LineFetcher(groups: groups, cache: cache).fetch(places)
        for index in result.indices { result[index].line = Array(lines.bytes[lines.starts[index]..<lines.starts[index] + lines.lengths[index]]) }
        return result
    }
}
