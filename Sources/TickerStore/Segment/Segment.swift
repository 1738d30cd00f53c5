import MarketData
import Synchronization

/// An open segment: its index mapped, its lines file open. Immutable; any thread may read it.
final class Segment: Sendable {
    /// What the manifest said when the segment was opened; its `dead` and `live` may have changed since.
    let info: SegmentInfo
    let dataPath: String
    let indexPath: String
    let index: IndexFile
    let data: any File
    private let fileSystem: any FileSystem
    /// By group: whether the CRC of the number keys was found right.
    private let checkedNumbers: Mutex<[Bool]>
    /// Where blocks of it may be kept.
    private let keeper = Mutex<BlockCache?>(nil)
    /// What to unlink in `deinit`.
    private let doomed = Mutex<[String]>([])

    /// Opens a segment and checks sizes against the manifest, and header, footer and the small parts of the index.
    ///
    /// Columns, number keys and lines are checked when they are first used.
    ///
    /// - Parameter directory: The family's directory.
    init(_ info: SegmentInfo, directory: String, storeID: StoreID, fileSystem: any FileSystem) throws(SegmentOpenError) {
        self.info = info
        self.fileSystem = fileSystem
        dataPath = directory + "/" + info.dataName
        indexPath = directory + "/" + info.indexName
        data = try Self.openData(info, path: dataPath, fileSystem: fileSystem)
        let mapped = try Self.mapIndex(info, path: indexPath, fileSystem: fileSystem)
        do throws(StoreError) {
            index = try IndexFile(mapped, path: indexPath, family: info.family, segmentID: info.id, storeID: storeID, dataLength: info.bytes)
            guard index.rows == info.rows else {
                throw .corrupt(
                    indexPath,
                    offset: 0,
                    "the index tells of \(index.rows) rows, the manifest of \(info.rows). \(SegmentFormat.indexAdvice)"
                )
            }
        } catch {
            throw .index(error)
        }
        checkedNumbers = Mutex([Bool](repeating: false, count: index.groups.count))
    }

    deinit {
        keeper.withLock { $0 }?.forget(segment: id, blocks: index.blockCount)
        let paths = doomed.withLock { $0 }
        // A file that stays is set aside at the next start: no manifest lists it. Another store's may be there when the directory was moved.
        guard !paths.isEmpty, let mine = try? data.status(), mine.isSame(as: (try? fileSystem.status(dataPath)) ?? nil) else { return }
        for path in paths { try? fileSystem.remove(path) }
    }

    /// Its blocks may be in this cache from now on; they leave it with the segment.
    func isKept(in cache: BlockCache) {
        keeper.withLock { if $0 == nil { $0 = cache } }
    }

    private static func openData(_ info: SegmentInfo, path: String, fileSystem: any FileSystem) throws(SegmentOpenError) -> any File {
        let file: any File
        let size: Int
        do throws(FileError) {
            file = try fileSystem.open(path, .read)
            size = try file.status().size
        } catch {
            guard error.code == FileError.notFound else { throw .other(StoreError(error)) }
            throw .other(.corrupt(path, offset: 0, "the file is missing; the manifest lists it. \(SegmentFormat.dataAdvice)"))
        }
        guard size == info.bytes else {
            let what = "the file is \(size) bytes long, the manifest says \(info.bytes). \(SegmentFormat.dataAdvice)"
            throw .other(.corrupt(path, offset: min(size, info.bytes), what))
        }
        return file
    }

    private static func mapIndex(_ info: SegmentInfo, path: String, fileSystem: any FileSystem) throws(SegmentOpenError) -> any MappedBytes {
        var size = 0
        do throws(FileError) {
            let file = try fileSystem.open(path, .read)
            size = try file.status().size
            if size == info.indexBytes { return try file.map(size) }
        } catch {
            guard error.code == FileError.notFound else { throw .other(StoreError(error)) }
            throw .index(.corrupt(path, offset: 0, "the index is missing. \(SegmentFormat.indexAdvice)"))
        }
        let what = "the index is \(size) bytes long, the manifest says \(info.indexBytes). \(SegmentFormat.indexAdvice)"
        throw .index(.corrupt(path, offset: min(size, info.indexBytes), what))
    }

    /// Reads the whole index and compares it with the manifest's CRC: also finds damage that opening leaves to the first use.
    ///
    /// - Throws: `.corrupt`; `SegmentIndexRebuild` then makes the index anew.
    func checkIndex() throws(StoreError) {
        guard crc32(index.bytes) == info.indexCRC else {
            throw .corrupt(indexPath, offset: 0, "the index is not the one of the manifest. \(SegmentFormat.indexAdvice)")
        }
    }

    var family: Family { info.family }
    var id: UInt64 { info.id }
    /// Lines, dead ones included.
    var rowCount: Int { index.rows }
    var groups: [GroupEntry] { index.groups }

    /// Unlinks the files once nobody reads the segment any more; for a segment that no manifest lists.
    ///
    /// - Parameter deadFile: The name of its current dead rows file, which goes with it.
    func removeFilesWhenUnused(deadFile: String? = nil) {
        let directory = dataPath.dropLast(info.dataName.utf8.count)
        doomed.withLock { $0 = [dataPath, indexPath] + (deadFile.map { [directory + $0] } ?? []) }
    }

    // MARK: Series

    /// Different series in the segment, numbered from 0 in their order.
    var seriesCount: Int { index.seriesCount }

    func seriesKey(_ local: Int) -> SeriesKey {
        let series = index.series(local)
        return SeriesKey(symbol: [UInt8](series.symbol), source: [UInt8](series.source), sourceID: [UInt8](series.sourceID))
    }

    /// Rows of a series, dead ones included.
    func seriesRows(_ local: Int) -> Int { index.series(local).rows }

    /// Three-way comparison of a series of the segment with a key; no memory is allocated.
    func compareSeries(_ local: Int, with key: SeriesKey) -> Int {
        let series = index.series(local)
        var order = key.symbol.withUnsafeBytes { compareBytes(series.symbol, $0) }
        if order == 0 { order = key.source.withUnsafeBytes { compareBytes(series.source, $0) } }
        if order == 0 { order = key.sourceID.withUnsafeBytes { compareBytes(series.sourceID, $0) } }
        return order
    }

    // MARK: Columns

    /// The key columns, group by group.
    ///
    /// - Parameter seriesNumbers: The store's number of each series of the segment.
    func makeRowGroups(seriesNumbers: [UInt32]) -> [RowGroup] {
        precondition(seriesNumbers.count == seriesCount)
        return groups.indices.map { makeRowGroup($0, seriesNumbers: seriesNumbers) }
    }

    /// The key columns of one group.
    func makeRowGroup(_ number: Int, seriesNumbers: [UInt32]) -> RowGroup {
        let entry = groups[number]
        return RowGroup(
            columns: index.bytes.slice(entry.columnsOffset..<entry.columnsOffset + entry.columnsLength),
            owner: index.memory,
            entry: entry,
            seriesNumbers: seriesNumbers,
            lines: .segment(self, firstRow: entry.firstRow)
        )
    }

    /// The order-preserving keys of a number of each row of a group.
    ///
    /// - Throws: `.corrupt`.
    func numberKeys(group: Int, field: NumberField) throws(StoreError) -> NumberKeys {
        let entry = groups[group]
        precondition(entry.numbersOffset > 0, "\(family.name) have no number keys")
        if !checkedNumbers.withLock({ $0[group] }) {
            // Outside of the lock: it takes a millisecond, and twice does no harm.
            let all = index.bytes.slice(entry.numbersOffset..<entry.numbersOffset + GroupEntry.numbersLength(rows: entry.rows))
            guard crc32(all) == entry.numbersCRC else {
                throw .corrupt(indexPath, offset: entry.numbersOffset, "the number keys of group \(group) are damaged. \(SegmentFormat.indexAdvice)")
            }
            checkedNumbers.withLock { $0[group] = true }
        }
        let start = entry.numbersOffset + 8 * entry.rows * field.rawValue
        return NumberKeys(bytes: index.bytes.slice(start..<start + 8 * entry.rows), owner: index.memory, areOfFirstForm: index.version == 1)
    }

    /// The same by the group's first row.
    func numberKeys(ofGroupFrom firstRow: Int, field: NumberField) throws(StoreError) -> NumberKeys {
        try numberKeys(group: index.group(ofRow: firstRow), field: field)
    }

    // MARK: Ids

    private var idCount: Int { index.idList.count / SegmentFormat.idEntryLength }

    private func id(atPlace place: Int) -> (id: RecordDigest, row: Int) {
        let at = SegmentFormat.idEntryLength * place
        let list = index.idList
        let id = RecordDigest(high: list.integer(UInt64.self, at: at), low: list.integer(UInt64.self, at: at + 8))
        return (id, Int(list.integer(UInt32.self, at: at + 16)))
    }

    /// The rows of a quarantined record, dead ones included: one that was taken out may have come again.
    func rows(ofID wanted: RecordDigest) -> [Int] { ids(in: wanted...wanted).map(\.row) }

    /// The ids within bounds, dead ones included.
    func ids(in bounds: ClosedRange<RecordDigest>) -> [(id: RecordDigest, row: Int)] {
        var found: [(id: RecordDigest, row: Int)] = []
        var place = partition(0..<idCount) { id(atPlace: $0).id >= bounds.lowerBound }
        while place < idCount, id(atPlace: place).id <= bounds.upperBound {
            found.append(id(atPlace: place))
            place += 1
        }
        return found
    }

    /// The ids of some rows.
    ///
    /// - Parameter rows: Ascending.
    func ids(ofRows rows: [Int]) -> [RecordDigest] {
        var ids = [RecordDigest](repeating: RecordDigest(high: 0, low: 0), count: rows.count)
        guard let first = rows.first, let last = rows.last else { return ids }
        // The list is in the order of ids; nothing leads from a row to its id but a walk.
        for entry in 0..<idCount {
            let (id, row) = id(atPlace: entry)
            guard row >= first, row <= last else { continue }
            let place = partition(rows.indices) { rows[$0] >= row }
            if rows[place] == row { ids[place] = id }
        }
        return ids
    }
}
