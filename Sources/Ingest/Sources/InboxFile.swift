import Crypto
import MarketData
import TickerStore

/// Reads a file from its start, inflated where it begins with gzip's magic bytes and as UTF-8 whatever its encoding, and hashes what it reads.
///
/// `file → [inflater] → [decoder] → text`. Hashes and `hashedBytes` are of the file as it is; offsets are of the text.
final class InboxFile {
    let file: any File
    let path: String
    /// What the file was when it was opened.
    let status: FileStatus
    /// What came to the end of its gzip members was not cut.
    let isCompressed: Bool
    /// Nil for UTF-8.
    private let encoding: CSVSource.Encoding?
    private var position = 0
    private var inflater: GzipReader?
    private var decoder: SingleByteDecoder?
    private var hash = SHA256()
    /// Bytes of the file that are in `hash`; never fewer than were read.
    private(set) var hashedBytes = 0

    /// - Parameter encoding: The declared one; a byte order mark of UTF-8 is believed before it.
    /// - Throws: Also `TextForm.Failure`, for a file that is no text.
    init(_ path: String, fileSystem: any FileSystem, encoding: CSVSource.Encoding = .utf8) throws {
        self.path = path
        file = try fileSystem.open(path, .readNoFollow)
        status = try file.status()
        guard status.kind == .file else { throw FileError("open", path, FileError.permission) }
        var magic: (UInt8, UInt8) = (0, 0)
        let file = file
        let count = try withUnsafeMutableBytes(of: &magic) { buffer throws(FileError) in try file.read(into: buffer, at: 0) }
        isCompressed = count == 2 && magic == (0x1F, 0x8B)
        let sample = try Self.sample(file, isCompressed: isCompressed)
        try TextForm.check(sample)
        self.encoding = encoding == .utf8 || TextForm.startsWithByteOrderMark(sample) ? nil : encoding
        rewind()
    }

    /// The text's first bytes, which are read again later: what is hashed must come in order.
    private static func sample(_ file: any File, isCompressed: Bool) throws -> [UInt8] {
        var position = 0
        let readPlain: (UnsafeMutableRawBufferPointer) throws -> Int = { buffer in
            let count = try file.read(into: buffer, at: position)
            position += count
            return count
        }
        let inflater = isCompressed ? GzipReader(read: readPlain) : nil
        var sample = [UInt8](repeating: 0, count: TextForm.sampleBytes)
        let count = try sample.withUnsafeMutableBytes { try inflater?.inflate(into: $0) ?? readPlain($0) }
        return Array(sample[..<count])
    }

    private func rewind() {
        position = 0
        inflater = isCompressed ? GzipReader { [unowned self] in try readPlain(into: $0) } : nil
        decoder = encoding.map { SingleByteDecoder($0) { [unowned self] in try readInflated(into: $0) } }
    }

    /// SHA-256 of the first `hashedBytes` bytes, in hexadecimal.
    var digest: String { Hexadecimal.text(hash.finalize()) }

    /// Fills `buffer` with text; 0 at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if let decoder { return try decoder.decode(into: buffer) }
        return try readInflated(into: buffer)
    }

    private func readInflated(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if let inflater { return try inflater.inflate(into: buffer) }
        return try readPlain(into: buffer)
    }

    private func readPlain(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try file.read(into: buffer, at: position)
        position += count
        // What was hashed before reading went on from a checkpoint is not hashed again.
        let fresh = max(0, position - hashedBytes)
        if fresh > 0 {
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[(count - fresh)..<count]))
            hashedBytes = position
        }
        return count
    }

    /// Whether the file still begins with the bytes that `progress` speaks of. Hashes them on the way.
    func begins(as progress: FileProgress, isCancelled: () -> Bool) throws -> Bool {
        guard status.size >= progress.hashedBytes else { return false }
        var buffer = [UInt8](repeating: 0, count: min(1 << 20, max(1, progress.hashedBytes)))
        while hashedBytes < progress.hashedBytes, !isCancelled() {
            let wanted = min(buffer.count, progress.hashedBytes - hashedBytes)
            let count = try buffer.withUnsafeMutableBytes { try readPlain(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<wanted])) }
            if count == 0 { return false }
        }
        return hashedBytes == progress.hashedBytes && digest == progress.digest
    }

    /// Goes to an offset in the text; an inflated or decoded file is read again up to there.
    ///
    /// - Parameter isCancelled: ends it early, somewhere.
    func seek(to offset: Int, isCancelled: () -> Bool = { false }) throws {
        rewind()
        if inflater == nil, decoder == nil {
            position = offset
            return
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var rest = offset
        while rest > 0, !isCancelled() {
            let count = try buffer.withUnsafeMutableBytes { try read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<min(rest, $0.count)])) }
            if count == 0 { return }
            rest -= count
        }
    }
}
