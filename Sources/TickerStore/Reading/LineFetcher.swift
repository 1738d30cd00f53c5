/// Fetches the lines of rows from wherever their groups keep them.
struct LineFetcher {
    let groups: [GroupView]
    /// nil: blocks are read once, in order, and not kept.
    let cache: BlockCache?

    /// Two lines of a log file closer than this are fetched with one read.
    private static let readGap = 4_096
    private static let longestRead = 256 << 10

    /// The lines of these rows; line i of the buffer is that of `places[i]`, in whatever order the bytes were read.
    ///
    /// Each file is read from front to back.
    func fetch(_ places: [RowScan.Place]) throws(StoreError) -> LineBuffer {
        var buffer = LineBuffer()
        try fetch(places, into: &buffer)
        return buffer
    }

    /// The same into the room of a buffer whose lines are not needed any more.
    func fetch(_ places: [RowScan.Place], into buffer: inout LineBuffer) throws(StoreError) {
        buffer.makeRoom(for: places.count)
        let order = places.indices.sorted { (places[$0].group, places[$0].row) < (places[$1].group, places[$1].row) }
        var start = 0
        while start < order.count {
            let group = places[order[start]].group
            var end = start
            while end < order.count, places[order[end]].group == group { end += 1 }
            let wanted = order[start..<end]
            switch groups[Int(group)].group.lines {
            case .log(let file, let path, let offsets, let lengths):
                let lines = wanted.map { index in
                    LogLine(index: index, offset: Int(offsets[Int(places[index].row)]), length: Int(lengths[Int(places[index].row)]))
                }
                try read(lines, from: file, path: path, into: &buffer)
            case .segment(let segment, let firstRow):
                let rows = wanted.map { firstRow + Int(places[$0].row) }
                try segment.readLines(rows, cache: cache) { index, bytes in
                    buffer.append(bytes, as: wanted[wanted.startIndex + index])
                }
            case .composed(let composer):
                for index in wanted {
                    let from = buffer.bytes.count
                    try composer.appendLine(of: Int(places[index].row), to: &buffer.bytes)
                    buffer.starts[index] = from
                    buffer.lengths[index] = buffer.bytes.count - from
                }
            }
            start = end
        }
    }

    private struct LogLine {
        var index: Int
        var offset: Int
        var length: Int
    }

    private func read(_ lines: [LogLine], from file: any File, path: String, into buffer: inout LineBuffer) throws(StoreError) {
        let onDisk = lines.sorted { $0.offset < $1.offset }
        var next = 0
        while next < onDisk.count {
            let first = onDisk[next].offset
            var end = first + onDisk[next].length
            var behind = next + 1
            while behind < onDisk.count, onDisk[behind].offset <= end + Self.readGap,
                onDisk[behind].offset + onDisk[behind].length - first <= Self.longestRead
            {
                end = onDisk[behind].offset + onDisk[behind].length
                behind += 1
            }
            let bytes = try file.bytes(at: first, count: end - first)
            guard bytes.count == end - first else {
                throw .corrupt(path, offset: first, "the log file is shorter than when it was read; check the disk. \(LogRecovery.advice)")
            }
            var torn: Int?
            bytes.withUnsafeBytes { piece in
                for line in onDisk[next..<behind] {
                    let text = piece.slice(line.offset - first..<line.offset - first + line.length)
                    if !LoggedLine.isWhole(text) { torn = line.offset }
                    buffer.append(text, as: line.index)
                }
            }
            if let torn { throw LoggedLine.damage(path, torn) }
            next = behind
        }
    }
}

/// Makes lines that are not stored as they are.
protocol LineComposer: Sendable {
    /// - Parameter row: A row of the group.
    func appendLine(of row: Int, to out: inout [UInt8]) throws(StoreError)
}
