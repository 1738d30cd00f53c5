import CZlib
import NIOCore

/// Bytes on their way into one gzip member (RFC 1952). One member, because not every client goes on behind the end of the first.
///
/// Takes about 270 KB while it lives, whatever goes through.
final class GzipStream {
    private let stream: UnsafeMutablePointer<z_stream>
    /// The least room that zlib is given at a time.
    private static let piece = 16 << 10

    /// Answers are packed while somebody waits; the fastest level takes off most of what JSON repeats. nil when there is no memory.
    init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window; 16 more ask for a gzip header.
        let status = deflateInit2_(stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        if status != Z_OK { return nil }
    }

    deinit {
        // Does nothing, and says so, when there is no state.
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Packs bytes; what has come out so far is appended, which may be nothing.
    func append(_ bytes: UnsafeRawBufferPointer, to output: inout ByteBuffer) { run(bytes, Z_NO_FLUSH, &output) }

    /// Appends what the client needs to see all that went in.
    func flush(to output: inout ByteBuffer) { run(UnsafeRawBufferPointer(start: nil, count: 0), Z_SYNC_FLUSH, &output) }

    /// Appends the rest; nothing may follow.
    func finish(to output: inout ByteBuffer) { run(UnsafeRawBufferPointer(start: nil, count: 0), Z_FINISH, &output) }

    private func run(_ bytes: UnsafeRawBufferPointer, _ mode: Int32, _ output: inout ByteBuffer) {
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(bytes.count)
        repeat {
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.piece) { room in
                stream.pointee.next_out = room.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_out = UInt32(min(room.count, Int(UInt32.max)))
                let offered = stream.pointee.avail_out
                deflate(stream, mode)
                return Int(offered - stream.pointee.avail_out)
            }
            // Room that is left means that everything is out.
        } while stream.pointee.avail_out == 0
    }
}
