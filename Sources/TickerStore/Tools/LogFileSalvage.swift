/// Reads the records of a log file that may be damaged, and finds the way behind damage.
struct LogFileSalvage {
    let file: any File
    /// Below the data directory.
    let name: String
    let size: Int
    /// From the header; when that is damaged, from the file's name and its records.
    let header: LogFileHeader
    /// What is wrong with the header; nil: nothing.
    let headerFault: StoreError?

    struct Found {
        var record: LogRecordHeader
        var payload: [UInt8]
        /// Of the record in the file, and behind it.
        var offset: Int
        var end: Int
    }

    /// - Throws: `.corrupt` when the header is damaged and no record tells the salt; `.newerFormat`; when the file cannot be read.
    init(_ file: any File, path: String, name: String, storeID: StoreID?) throws(StoreError) {
        self.file = file
        self.name = name
        size = try storing { () throws(FileError) in try file.status().size }
        let head = try file.bytes(at: 0, count: LogFormat.fileHeaderLength)
        var decoded: LogFileHeader?
        var fault: StoreError?
        head.withUnsafeBytes { bytes in
            do throws(StoreError) { decoded = try LogFileHeader(decoding: bytes, path: path) } catch { fault = error }
        }
        if let decoded {
            header = decoded
            headerFault = nil
            return
        }
        let fileName = String(path.split(separator: "/").last ?? "")
        guard let fault, fault.kind == .corrupt, let first = LogFormat.firstLSN(ofFileName: fileName), let storeID,
            let salt = try Self.salt(file, head, size)
        else { throw fault! }
        header = LogFileHeader(storeID: storeID, firstLSN: first, salt: salt, created: 0)
        headerFault = fault
    }

    /// The salt in a damaged header if the first record fits it, else the one that the first record was written with.
    private static func salt(_ file: any File, _ head: [UInt8], _ size: Int) throws(StoreError) -> UInt32? {
        guard head.count == LogFormat.fileHeaderLength else { return nil }
        let first = try file.bytes(at: LogFormat.fileHeaderLength, count: LogFormat.recordHeaderLength)
        let written = head.withUnsafeBytes { $0.integer(UInt32.self, at: 12) }
        let solved = first.withUnsafeBytes { LogSalt.solve($0) }
        for salt in [written, solved].compactMap({ $0 }) {
            guard let record = first.withUnsafeBytes({ LogRecordHeader(decoding: $0, salt: salt) }) else { continue }
            let payload = try file.bytes(at: LogFormat.fileHeaderLength + LogFormat.recordHeaderLength, count: record.paddedLength)
            if payload.count == record.paddedLength, payload.withUnsafeBytes({ crc32($0, seed: salt) }) == record.payloadCRC { return salt }
        }
        return nil
    }

    /// The record at an offset, if it is whole.
    func record(at offset: Int) throws(StoreError) -> Found? {
        let head = try file.bytes(at: offset, count: LogFormat.recordHeaderLength)
        guard let record = head.withUnsafeBytes({ LogRecordHeader(decoding: $0, salt: header.salt) }) else { return nil }
        let start = offset + LogFormat.recordHeaderLength
        guard record.paddedLength <= size - start else { return nil }
        var payload = try file.bytes(at: start, count: record.paddedLength)
        guard payload.count == record.paddedLength, payload.withUnsafeBytes({ crc32($0, seed: header.salt) }) == record.payloadCRC else { return nil }
        payload.removeLast(record.paddedLength - record.payloadLength)
        return Found(record: record, payload: payload, offset: offset, end: start + record.paddedLength)
    }

    /// What the rest of the file from `offset` on tells, whatever the lengths in it say.
    struct Rest {
        /// The highest durable LSN that an intact header states.
        var durableLSN: UInt64 = 0
        /// Behind the last byte that is not zero.
        var end = 0
        /// Where intact headers stand.
        var headers: [Int] = []
    }

    func survey(from offset: Int) throws(StoreError) -> Rest {
        var rest = Rest()
        var position = offset
        while position < size {
            let chunk = try file.bytes(at: position, count: min(1 << 20, size - position))
            if chunk.isEmpty { break }
            chunk.withUnsafeBytes { bytes in
                for at in stride(from: 0, through: bytes.count - LogFormat.recordHeaderLength, by: 8)
                where bytes.integer(UInt32.self, at: at) == LogFormat.recordMagic {
                    guard let record = LogRecordHeader(decoding: bytes.slice(at..<bytes.count), salt: header.salt) else { continue }
                    rest.durableLSN = max(rest.durableLSN, record.durableLSN)
                    rest.headers.append(position + at)
                }
                if let last = bytes.lastIndex(where: { $0 != 0 }) { rest.end = position + last + 1 }
            }
            if position + chunk.count >= size { break }
            // A header may lie across two chunks.
            position += chunk.count - (LogFormat.recordHeaderLength - 8)
        }
        return rest
    }
}
