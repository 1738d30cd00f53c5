import CZlib

/// Inflates gzip of any number of members (RFC 1952), a step at a time; their checksums and lengths are checked.
///
/// It asks for nothing and hands on nothing: whoever reads a file or takes a body gives it bytes and room for more.
package final class GzipInflater {
    /// What one step came to.
    package struct Step {
        /// Bytes of the input that are done with.
        package var taken: Int
        /// Bytes at the start of the output that are the content's next ones.
        package var made: Int
        /// Why nothing good comes any more, in zlib's words where it has some; nil while all is well.
        package var damage: String?
    }

    // zlib keeps the address of the stream and checks it, so the stream may not move.
    private let stream: UnsafeMutablePointer<z_stream>
    /// Whether what came so far is a whole number of members, and at least one.
    package private(set) var isComplete = false

    /// Nil when there is no memory.
    package init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window, 16 for gzip.
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Inflates until the input is used up, the output is full, or a member ends.
    ///
    /// - Parameters:
    ///   - input: What follows the bytes that were taken before. Behind the end of a member it begins the next one.
    ///   - output: At least one byte of room.
    package func inflate(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Step {
        if isComplete, !input.isEmpty {
            inflateReset(stream)
            isComplete = false
        }
        let input = input.prefix(Self.mostAtOnce)
        let output = output.prefix(Self.mostAtOnce)
        // zlib reads through a pointer to mutable bytes, but does not write to them.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: UnsafeRawBufferPointer(rebasing: input).bindMemory(to: Bytef.self).baseAddress)
        stream.pointee.avail_in = uInt(input.count)
        stream.pointee.next_out = UnsafeMutableRawBufferPointer(rebasing: output).bindMemory(to: Bytef.self).baseAddress
        stream.pointee.avail_out = uInt(output.count)
        let code = CZlib.inflate(stream, Z_NO_FLUSH)
        var step = Step(taken: input.count - Int(stream.pointee.avail_in), made: output.count - Int(stream.pointee.avail_out))
        switch code {
        case Z_STREAM_END: isComplete = true
        // Nothing to do is no fault: input or room may just have run out.
        case Z_OK, Z_BUF_ERROR: break
        default: step.damage = stream.pointee.msg.map { String(cString: $0) } ?? ""
        }
        return step
    }

    /// zlib counts in 32 bits.
    private static let mostAtOnce = 1 << 30
}
