import CZlib

/// Compresses bytes into one gzip member (RFC 1952), a piece at a time.
///
/// One member for a whole answer: browsers and curl stop reading, some without a word, where the first one ends.
package final class GzipStream {
    /// zlib would not.
    package struct Failure: Error {
        /// What zlib returned.
        package var code: Int32
    }

    // zlib keeps the address of the stream and checks it, so the stream may not move.
    private let stream: UnsafeMutablePointer<z_stream>
    /// What one call of zlib may give.
    private static let pieceBytes = 64 << 10

    /// - Parameter level: zlib's, 1 to 9.
    /// - Throws: `Failure` when there is no memory.
    package init(level: Int32 = 1) throws(Failure) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window, 16 for gzip.
        let code = deflateInit2_(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw Failure(code: code) }
    }

    deinit {
        // Does nothing, and says so, when there is no state.
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Takes all of `input` and appends what comes out of it, which may be nothing yet.
    ///
    /// - Parameter isLast: Ends the member; nothing may be given behind it.
    package func compress(_ input: [UInt8], isLast: Bool, to out: inout [UInt8]) throws(Failure) {
        var code = Z_OK
        input.withUnsafeBufferPointer { input in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = uInt(input.count)
            repeat {
                let start = out.count
                out.append(contentsOf: repeatElement(0, count: Self.pieceBytes))
                out.withUnsafeMutableBufferPointer { buffer in
                    stream.pointee.next_out = buffer.baseAddress! + start
                    stream.pointee.avail_out = uInt(Self.pieceBytes)
                    code = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                }
                out.removeLast(Int(stream.pointee.avail_out))
                // A full buffer: there may be more.
            } while code == Z_OK && stream.pointee.avail_out == 0
            stream.pointee.next_in = nil
        }
        // Nothing to do is no fault: the last piece may have ended just where the buffer did.
        let isGood = isLast ? code == Z_STREAM_END : code == Z_OK || code == Z_BUF_ERROR
        guard isGood else { throw Failure(code: code) }
    }
}
