/// Cuts rows into groups: at most 65,536 rows each, and none whose timestamps are too far apart for the column.
enum GroupCutter {
    /// A row's key.
    struct Key {
        var rank: UInt32
        /// What the column shall say.
        var series: UInt32
        var timestamp: Int64
    }

    struct Piece {
        var columns: GroupColumns
        /// For each row of the group, its place among the keys given.
        var order: [Int]
    }

    /// As many groups as the rows need, following each other in (timestamp, series) order; of rows with one key, the one given later comes later.
    static func cut(_ keys: [Key]) -> [Piece] {
        if keys.isEmpty { return [] }
        if fitOneGroup(keys) { return [piece(of: Array(keys.indices), keys)] }
        let inTime = keys.indices.sorted { (keys[$0].timestamp, keys[$0].rank, $0) < (keys[$1].timestamp, keys[$1].rank, $1) }
        var pieces: [Piece] = []
        var start = 0
        while start < inTime.count {
            var span = GroupSpan(keys[inTime[start]].timestamp)
            var end = start
            while end < inTime.count, end - start < GroupColumns.maximumRows {
                var wider = span
                wider.add(keys[inTime[end]].timestamp)
                guard wider.fits else { break }
                span = wider
                end += 1
            }
            pieces.append(piece(of: Array(inTime[start..<end]), keys))
            start = end
        }
        return pieces
    }

    private static func fitOneGroup(_ keys: [Key]) -> Bool {
        guard keys.count <= GroupColumns.maximumRows else { return false }
        var span = GroupSpan(keys[0].timestamp)
        for key in keys { span.add(key.timestamp) }
        return span.fits
    }

    private static func piece(of rows: [Int], _ keys: [Key]) -> Piece {
        let order = rows.sorted { (keys[$0].rank, keys[$0].timestamp, $0) < (keys[$1].rank, keys[$1].timestamp, $1) }
        return Piece(columns: GroupColumns(series: order.map { keys[$0].series }, timestamps: order.map { keys[$0].timestamp }), order: order)
    }
}
