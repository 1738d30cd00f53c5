import CZlib

/// Inflates gzip of any number of members, a piece at a time.
final class GzipInflater {
    struct Failure: Error {
        var reason: String
    }

    /// On the heap because zlib refuses a stream that was moved.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var input = [UInt8](repeating: 0, count: 64 << 10)
    private var inputStart = 0
    private var inputEnd = 0
    /// Between two members, where the input may end.
    private var isBetweenMembers = true
    private var hasBegun = false
    private let read: (UnsafeMutableRawBufferPointer) throws -> Int

    /// - Parameter read: fills the buffer with compressed bytes; 0 at the end.
    init(read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) {
        self.read = read
        stream.initialize(to: z_stream())
        // 15 bits of window, 16 for gzip.
        let result = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "zlib cannot start: \(result)")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Fills `buffer` with inflated bytes; 0 at the end.
    func inflate(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard !buffer.isEmpty else { return 0 }
        while true {
            if inputStart == inputEnd {
                inputEnd = try input.withUnsafeMutableBytes { try read($0) }
                inputStart = 0
                if inputEnd == 0 {
                    guard isBetweenMembers else { throw Failure(reason: "the gzip file is cut") }
                    return 0
                }
            }
            if isBetweenMembers, hasBegun {
                // Tapes and archives pad with zeros, which are no member.
                while inputStart < inputEnd, input[inputStart] == 0 { inputStart += 1 }
                if inputStart == inputEnd { continue }
            }
            isBetweenMembers = false
            hasBegun = true
            var produced = 0
            var result = Z_OK
            input.withUnsafeMutableBufferPointer { bytes in
                stream.pointee.next_in = bytes.baseAddress! + inputStart
                stream.pointee.avail_in = uInt(inputEnd - inputStart)
                stream.pointee.next_out = buffer.baseAddress!.assumingMemoryBound(to: Bytef.self)
                stream.pointee.avail_out = uInt(min(buffer.count, 1 << 30))
                let room = Int(stream.pointee.avail_out)
                result = CZlib.inflate(stream, Z_NO_FLUSH)
                produced = room - Int(stream.pointee.avail_out)
                inputStart = inputEnd - Int(stream.pointee.avail_in)
            }
            switch result {
            case Z_STREAM_END:
                isBetweenMembers = true
                inflateReset(stream)
            case Z_OK, Z_BUF_ERROR: break
            default: throw Failure(reason: "the gzip data are damaged" + (stream.pointee.msg.map { ": " + String(cString: $0) } ?? ""))
            }
            if produced > 0 { return produced }
        }
    }
}
