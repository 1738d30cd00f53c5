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
        // A file that stays is set aside at the next start: no manifest lists it.
        for path in doomed.withLock({ $0 }) { try? fileSystem.remove(path) }
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
        return groups.map { entry in
            RowGroup(
                columns: index.bytes.slice(entry.columnsOffset..<entry.columnsOffset + entry.columnsLength),
                owner: index.memory,
                entry: entry,
                seriesNumbers: seriesNumbers,
                lines: .segment(self, firstRow: entry.firstRow)
            )
        }
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
        return NumberKeys(bytes: index.bytes.slice(start..<start + 8 * entry.rows), owner: index.memory)
    }

    // MARK: Ids

    /// The row of a quarantined record; nil when the segment does not have it.
    func row(ofID digest: RecordDigest) -> Int? {
        let list = index.idList
        let count = list.count / SegmentFormat.idEntryLength
        func id(_ place: Int) -> (UInt64, UInt64) {
            let at = SegmentFormat.idEntryLength * place
            return (list.integer(UInt64.self, at: at), list.integer(UInt64.self, at: at + 8))
        }
        let place = partition(0..<count) { id($0) >= (digest.high, digest.low) }
        guard place < count, id(place) == (digest.high, digest.low) else { return nil }
        return Int(list.integer(UInt32.self, at: SegmentFormat.idEntryLength * place + 16))
    }
}
