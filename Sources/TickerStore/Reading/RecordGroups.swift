import MarketData

/// All lines of a family that is only appended to, sealed or not, as groups over one table of series.
struct RecordGroups {
    let groups: [GroupView]
    let table: SeriesTable

    /// - Parameter bounds: Lines whose positions lie outside may be missing.
    init(_ snapshot: Snapshot, _ family: Family, within bounds: ClosedRange<Int64>) {
        var table = SeriesTable()
        var groups: [GroupView] = []
        for slot in snapshot.others where slot.info.family == family && bounds.overlaps(slot.info.earliest...slot.info.latest) {
            groups += slot.views(seriesNumbers: table.numbers(for: slot.segment))
        }
        let records = snapshot.records.joined().filter { $0.family == family && bounds.contains($0.position) }
        let numbers = table.numbers(for: records.map(\.series))
        let keys = zip(numbers, records).map { GroupCutter.Key(rank: table.rank[Int($0)], series: $0, timestamp: $1.position) }
        groups += GroupCutter.cut(keys).map { piece in
            GroupView(group: RowGroup(piece.columns, lines: .composed(LinesInMemory(lines: piece.order.map { records[$0].line }))))
        }
        self.groups = groups
        self.table = table
    }
}

/// Lines that are as they will be stored.
private struct LinesInMemory: LineComposer {
    let lines: [[UInt8]]

    func appendLine(of row: Int, to out: inout [UInt8]) { out.append(contentsOf: lines[row]) }
}
