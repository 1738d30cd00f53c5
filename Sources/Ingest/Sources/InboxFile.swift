import Crypto
import MarketData
import TickerStore

/// Reads a file from its start, inflated where it begins with gzip's magic bytes, and hashes what it reads.
final class InboxFile {
    let file: any File
    let path: String
    /// What the file was when it was opened.
    let status: FileStatus
    private var position = 0
    private var inflater: GzipInflater?
    private var hash = SHA256()
    /// Bytes of the file that are in `hash`; never fewer than were read.
    private(set) var hashedBytes = 0

    init(_ path: String, fileSystem: any FileSystem) throws {
        self.path = path
        file = try fileSystem.open(path, .readNoFollow)
        status = try file.status()
        guard status.kind == .file else { throw FileError("open", path, FileError.permission) }
        var magic: (UInt8, UInt8) = (0, 0)
        let count = try withUnsafeMutableBytes(of: &magic) { buffer throws(FileError) in try file.read(into: buffer, at: 0) }
        if count == 2, magic == (0x1F, 0x8B) { inflater = GzipInflater { [unowned self] in try readPlain(into: $0) } }
    }

    /// SHA-256 of the first `hashedBytes` bytes, in hexadecimal.
    var digest: String {
        hash.finalize().reduce(into: "") { text, byte in
            let digits = String(byte, radix: 16)
            text += byte < 16 ? "0" + digits : digits
        }
    }

    /// Fills `buffer` with text; 0 at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
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
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while hashedBytes < progress.hashedBytes, !isCancelled() {
            let wanted = min(buffer.count, progress.hashedBytes - hashedBytes)
            let count = try buffer.withUnsafeMutableBytes { try readPlain(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<wanted])) }
            if count == 0 { return false }
        }
        return hashedBytes == progress.hashedBytes && digest == progress.digest
    }

    /// Goes to an offset in the text; an inflated file is inflated again up to there.
    func seek(to offset: Int) throws {
        position = 0
        guard inflater != nil else {
            position = offset
            return
        }
        inflater = GzipInflater { [unowned self] in try readPlain(into: $0) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var rest = offset
        while rest > 0 {
            let count = try buffer.withUnsafeMutableBytes { try read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<min(rest, $0.count)])) }
            if count == 0 { return }
            rest -= count
        }
    }
}
