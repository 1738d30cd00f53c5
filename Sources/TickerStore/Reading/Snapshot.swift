import MarketData

/// What the store held at one moment. Immutable: readers neither block nor are blocked.
package struct Snapshot: Sendable {
    let series: SeriesTable
    let parts: [PartView]
    let files: [any File]
    package let counts: StoreCounts

    /// Reads a page. Blocks on the disk: call it from a thread that may.
    package func page(_ query: RowQuery) throws(StoreError) -> RowPage {
        var scan = RowScan(query, snapshot: self)
        for _ in 0..<query.skip {
            if scan.current == nil { break }
            scan.advance()
        }
        var page = RowPage()
        var lines: [StoredLine] = []
        lines.reserveCapacity(min(query.limit, 1_024))
        while lines.count < query.limit, let cursor = scan.current {
            lines.append(StoredLine(locator: cursor.locator, length: cursor.length))
            let position = { RowPosition(timestamp: Timestamp(milliseconds: cursor.key.timestamp), series: series.keys[Int(cursor.series)]) }
            if lines.count == 1 { page.first = position() }
            scan.advance()
            if lines.count == query.limit || scan.current == nil { page.last = position() }
        }
        page.hasMore = scan.current != nil
        try read(lines, into: &page)
        return page
    }

    /// How many rows a query has, without its limit; reads no line.
    package func count(_ query: RowQuery) -> Int {
        var scan = RowScan(query, snapshot: self)
        var count = 0
        while scan.current != nil {
            count += 1
            scan.advance()
        }
        return count
    }

    private struct StoredLine {
        var locator: LineLocator
        var length: Int
    }

    /// Two lines closer than this are fetched with one read.
    private static let readGap = 4_096
    private static let longestRead = 256 << 10

    /// Fetches lines in the order they have on disk and puts them into the page in the order they were asked for.
    private func read(_ lines: [StoredLine], into page: inout RowPage) throws(StoreError) {
        var starts: [Int] = []
        var total = 0
        for line in lines {
            starts.append(total)
            total += line.length
            page.ends.append(total)
        }
        let onDisk = lines.indices.sorted { lines[$0].locator.packed < lines[$1].locator.packed }
        page.bytes = [UInt8](repeating: 0, count: total)
        var next = 0
        while next < onDisk.count {
            let first = lines[onDisk[next]]
            var end = first.locator.offset + first.length
            var behind = next + 1
            while behind < onDisk.count {
                let line = lines[onDisk[behind]]
                guard line.locator.file == first.locator.file, line.locator.offset <= end + Self.readGap,
                    line.locator.offset + line.length - first.locator.offset <= Self.longestRead
                else { break }
                end = line.locator.offset + line.length
                behind += 1
            }
            let bytes = try files[first.locator.file].bytes(at: first.locator.offset, count: end - first.locator.offset)
            for index in onDisk[next..<behind] {
                let from = lines[index].locator.offset - first.locator.offset
                guard from + lines[index].length <= bytes.count else {
                    throw StoreError(.corrupt, "a log file is shorter than when it was read; run again with the disk checked")
                }
                page.bytes.replaceSubrange(starts[index]..<page.ends[index], with: bytes[from..<from + lines[index].length])
            }
            next = behind
        }
    }
}
