import CZlib

/// Inflates a gzip body piece by piece (RFC 1952), with its checksum and length checked.
///
/// libcurl can inflate too, but takes a stream that ends early for a whole one, and cannot say how many bytes on the wire made how many
/// inflated ones while it works.
final class GzipInflater {
    enum Outcome {
        case ok
        /// The bytes are not gzip, or their checksum is wrong.
        case damaged
        /// The taker wanted no more.
        case stopped
    }

    /// On the heap because zlib refuses a stream that was moved.
    private let stream: UnsafeMutablePointer<z_stream>
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    /// Whether what came so far is a whole number of gzip members, and at least one.
    private(set) var isComplete = false

    /// Nil when zlib has no memory.
    init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 is the largest window; 16 more asks for a gzip header and trailer.
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Inflates the next piece and hands on what it makes, at most 64 KiB at a time; `take` returns false to stop.
    func inflate(_ bytes: UnsafeRawBufferPointer, take: (UnsafeRawBufferPointer) -> Bool) -> Outcome {
        // zlib reads through a pointer to mutable bytes, but does not write to them.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(bytes.count)
        while true {
            // A file may be several members one after the other; the next one begins afresh.
            if isComplete, stream.pointee.avail_in > 0 {
                guard inflateReset(stream) == Z_OK else { return .damaged }
                isComplete = false
            }
            let (code, made, accepted) = step(take: take)
            guard accepted else { return .stopped }
            switch code {
            case Z_STREAM_END:
                isComplete = true
                if stream.pointee.avail_in == 0 { return .ok }
            case Z_OK:
                // A full buffer may hide more output; otherwise all input is used.
                if made < buffer.count, stream.pointee.avail_in == 0 { return .ok }
            case Z_BUF_ERROR:
                return .ok
            default:
                return .damaged
            }
        }
    }

    /// One call of zlib, and of the taker if anything was made.
    private func step(take: (UnsafeRawBufferPointer) -> Bool) -> (code: Int32, made: Int, accepted: Bool) {
        buffer.withUnsafeMutableBytes { output in
            stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            let code = CZlib.inflate(stream, Z_NO_FLUSH)
            let made = output.count - Int(stream.pointee.avail_out)
            return (code, made, made == 0 || take(UnsafeRawBufferPointer(rebasing: output[..<made])))
        }
    }
}
