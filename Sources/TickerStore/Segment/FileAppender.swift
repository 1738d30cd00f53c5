/// Writes a new file from front to back through a buffer, with the CRC of everything it wrote.
final class FileAppender {
    let path: String
    private let file: any File
    private let buffer: UnsafeMutableRawBufferPointer
    /// Bytes in the buffer, bytes handed to the operating system, and those of them that are on the disk.
    private var filled = 0
    private var written = 0
    private var synced = 0
    /// Over the bytes handed to the operating system.
    private(set) var crc: UInt32 = 0

    private static let bufferBytes = 1 << 20
    /// Unsynced bytes beyond this are synced at once: one long sync at the end would hold up the log's own.
    private static let syncEvery = 8 << 20

    /// Makes the file; a file of that name that an earlier try has left is removed.
    init(path: String, fileSystem: any FileSystem) throws(StoreError) {
        self.path = path
        file = try storing { () throws(FileError) in
            if try fileSystem.status(path) != nil { try fileSystem.remove(path) }
            return try fileSystem.open(path, .createNew)
        }
        buffer = .allocate(byteCount: Self.bufferBytes, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// Where the next byte goes.
    var offset: Int { written + filled }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = min(rest.count, buffer.count - filled)
            UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + count]).copyMemory(from: rest.slice(0..<count))
            filled += count
            rest = rest.slice(count..<rest.count)
            if filled == buffer.count { try flush() }
        }
    }

    func append(_ bytes: [UInt8]) throws(StoreError) {
        try bytes.span.bytes.withUnsafeBytes { (bytes) throws(StoreError) in try append(bytes) }
    }

    /// Hands the buffer to the operating system.
    func flush() throws(StoreError) {
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[0..<filled])
        try storing { () throws(FileError) in try file.write(bytes, at: written) }
        crc = crc32(bytes, seed: crc)
        written += filled
        filled = 0
        guard written - synced >= Self.syncEvery else { return }
        try storing { () throws(FileError) in try file.syncData() }
        synced = written
    }

    /// Writes over bytes that were flushed; `crc` no longer tells of the file then.
    func overwrite(_ bytes: [UInt8], at offset: Int) throws(StoreError) {
        precondition(offset >= 0 && offset + bytes.count <= written, "overwriting what was not written")
        try storing { () throws(FileError) in try file.write(all: bytes, at: offset) }
    }

    /// Flushes and syncs: data and size of the file are on the disk. Its name is not.
    func finish() throws(StoreError) {
        try flush()
        try storing { () throws(FileError) in try file.sync() }
    }
}
