import MarketData

/// Looks at the files of one segment.
struct SegmentCheck {
    let directory: DataDirectory
    let storeID: StoreID
    let deep: Bool
    private var log = LogKeys()
    private(set) var findings: [Finding] = []
    private(set) var verdict: SegmentVerdict
    /// A file is not there.
    private(set) var hasMissingFile = false
    private(set) var files = 0
    private(set) var bytes = 0

    init(_ info: SegmentInfo, directory: DataDirectory, storeID: StoreID, deep: Bool) {
        self.directory = directory
        self.storeID = storeID
        self.deep = deep
        verdict = SegmentVerdict(info)
    }

    private var info: SegmentInfo { verdict.info }
    private func name(_ file: String) -> String { "segments/\(info.family.name)/\(file)" }
    private func path(_ file: String) -> String { directory.path(of: info.family) + "/" + file }

    /// - Parameter log: The keys in the log: rows with them do not count.
    mutating func run(log: LogKeys) {
        self.log = log
        checkDeadRows()
        let index = openIndex()
        let places = index.map { index in index.groups.indices.map { KeyColumns(index, group: $0) != nil }.allSatisfy { $0 } } ?? false
        checkLines(index, canName: deep && places)
        if let index, deep, places, !verdict.hasBadDeadRows { checkCounts(index) }
    }

    // MARK: Dead rows

    private mutating func checkDeadRows() {
        guard let dead = info.dead else { return }
        files += 1
        bytes += dead.bytes
        do throws(StoreError) {
            verdict.dead = try directory.readDeadRows(of: info)
        } catch {
            verdict.hasBadDeadRows = true
            if (try? directory.fileSystem.status(path(dead.file))) == nil as FileStatus? { hasMissingFile = true }
            let affected =
                info.family == .quarantine
                ? "which \(dead.rows) of the segment's \(info.rows) records were taken out"
                : "which \(dead.rows) of the segment's \(info.rows) rows are superseded"
            findings.append(Finding(.repairable, error, root: directory.path, file: name(dead.file), affected: affected))
        }
    }

    private func checkSize(_ file: String, _ size: Int) throws(StoreError) {
        let found = try storing { () throws(FileError) in try directory.fileSystem.status(path(file)) }
        guard let found else { throw .corrupt(path(file), offset: 0, "the manifest lists this file, but it is missing") }
        guard found.kind == .file, found.size == size else {
            throw .corrupt(path(file), offset: min(found.size, size), "the file is \(found.size) bytes long, the manifest says \(size)")
        }
    }

    /// The lines file as a whole.
    private func checkSum() throws(StoreError) {
        try checkSize(info.dataName, info.bytes)
        guard try FileCopier.checksum(of: path(info.dataName), directory.fileSystem) != info.crc else { return }
        throw .corrupt(path(info.dataName), offset: 0, "the file is not as it was written; `kasparro verify --deep` says where and which rows")
    }

    // MARK: Index

    /// The index, if it can be used to look up keys.
    private mutating func openIndex() -> IndexFile? {
        files += 1
        bytes += info.indexBytes
        let file = name(info.indexName)
        do throws(StoreError) {
            try checkSize(info.indexName, info.indexBytes)
            let memory = try storing { () throws(FileError) in try directory.fileSystem.open(path(info.indexName), .read).map(info.indexBytes) }
            let index = try IndexFile(
                memory,
                path: path(info.indexName),
                family: info.family,
                segmentID: info.id,
                storeID: storeID,
                dataLength: info.bytes
            )
            guard index.rows == info.rows else {
                throw .corrupt(path(info.indexName), offset: 0, "the index tells of \(index.rows) rows, the manifest of \(info.rows)")
            }
            if crc32(index.bytes) != info.indexCRC {
                verdict.hasBadIndex = true
                findings.append(damage(in: index, file))
            }
            return index
        } catch {
            verdict.hasBadIndex = true
            if (try? directory.fileSystem.status(path(info.indexName))) == nil as FileStatus? { hasMissingFile = true }
            findings.append(Finding(.repairable, error, root: directory.path, file: file))
            return nil
        }
    }

    /// Where an index whose small parts are whole is not the one that was written.
    private func damage(in index: IndexFile, _ file: String) -> Finding {
        for (number, entry) in index.groups.enumerated() {
            let columns = index.bytes.slice(entry.columnsOffset..<entry.columnsOffset + entry.columnsLength)
            if crc32(columns) != entry.columnsCRC {
                return Finding(.repairable, file, offset: entry.columnsOffset, "the columns of group \(number) are damaged")
            }
            if entry.numbersOffset > 0, crc32(index.bytes.slice(entry.numbers)) != entry.numbersCRC {
                return Finding(.repairable, file, offset: entry.numbersOffset, "the number keys of group \(number) are damaged")
            }
        }
        return Finding(.repairable, file, offset: 0, "the index is not the one of the manifest")
    }

    // MARK: Lines

    private mutating func checkLines(_ index: IndexFile?, canName: Bool) {
        files += 1
        bytes += info.bytes
        let file = name(info.dataName)
        do throws(StoreError) {
            guard try storing({ () throws(FileError) in try directory.fileSystem.status(path(info.dataName)) })?.kind == .file else {
                verdict.isMissing = true
                hasMissingFile = true
                let what = "the manifest lists this file, but it is missing"
                findings.append(Finding(.damage, file, offset: 0, what, affected: RowsInWords.all(of: info)))
                return
            }
            guard deep else { return try checkSum() }
            let opened = try storing { () throws(FileError) in try directory.fileSystem.open(path(info.dataName), .read) }
            var lines = try SegmentLinesCheck(info, file: opened, index: index)
            try lines.run()
            verdict.hasBadLines = !lines.faults.isEmpty
            verdict.lostRows = lines.faults.map(\.rows).filter { !$0.isEmpty }
            for fault in lines.faults {
                let live = fault.rows.count { !verdict.isDead($0) }
                var affected = fault.rows.isEmpty ? "" : live == 0 ? RowsInWords.nothing(info.family) : RowsInWords.some(live, of: info)
                if canName, let index { affected = words(fault.rows, index) }
                findings.append(Finding(.damage, file, offset: fault.offset, fault.what, affected: affected))
            }
            if let what = lines.indexFault, !verdict.hasBadIndex {
                verdict.hasBadIndex = true
                findings.append(Finding(.repairable, name(info.indexName), "the index does not fit the lines: \(what)"))
            }
        } catch {
            verdict.hasBadLines = true
            findings.append(Finding(.damage, error, root: directory.path, file: file))
        }
    }

    /// The live ones of some rows, in words; one group's columns in memory.
    private func words(_ rows: Range<Int>, _ index: IndexFile) -> String {
        var words = RowsInWords(info.family)
        for (number, entry) in index.groups.enumerated() {
            let range = rows.clamped(to: entry.firstRow..<entry.firstRow + entry.rows)
            guard !range.isEmpty, let columns = KeyColumns(index, group: number) else { continue }
            for row in range where !verdict.isDead(row) {
                let (key, timestamp) = (index.seriesKey(Int(columns.series[row - entry.firstRow])), columns.timestamps[row - entry.firstRow])
                if info.family != .tickers || !log.contains(key, timestamp) { words.add(key, timestamp) }
            }
        }
        return words.rows == 0 && !rows.isEmpty ? RowsInWords.nothing(info.family) : words.description
    }

    /// The manifest's live rows by source, and the times of the first and the last row.
    private mutating func checkCounts(_ index: IndexFile) {
        var live: [String: Int] = [:]
        for (number, entry) in index.groups.enumerated() {
            guard let columns = KeyColumns(index, group: number) else { return }
            var bySeries: [UInt32: Int] = [:]
            for row in 0..<entry.rows where !verdict.isDead(entry.firstRow + row) { bySeries[columns.series[row], default: 0] += 1 }
            for (local, rows) in bySeries { live[String(decoding: index.seriesKey(Int(local)).source, as: UTF8.self), default: 0] += rows }
        }
        if live != info.live.filter({ $0.value != 0 }) {
            verdict.hasWrongCounts = true
            let (listed, found) = (info.live.values.reduce(0, +), live.values.reduce(0, +))
            let what = "the live rows by source of \(name(info.dataName)) are wrong: \(listed) in all, and there are \(found)"
            findings.append(Finding(.repairable, Manifest.fileName, what))
        }
        let (earliest, latest) = (index.groups.map(\.earliest).min(), index.groups.map(\.latest).max())
        if info.earliest != earliest || info.latest != latest {
            verdict.hasBadLines = true
            findings.append(Finding(.damage, Manifest.fileName, "the times of \(name(info.dataName)) are wrong"))
        }
    }
}
