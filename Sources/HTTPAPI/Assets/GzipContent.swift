import CZlib

/// What was compressed before it was put into the binary.
package enum GzipContent {
    /// The file as it was before it was compressed, with one member; nil when these bytes are no gzip. Takes some milliseconds.
    package static func inflated(_ compressed: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var input = compressed
        // The last four bytes say how long the content is (RFC 1952 section 2.3.1).
        let length = input.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        var output = [UInt8](repeating: 0, count: length)
        let code = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                (stream.next_in, stream.avail_in) = (input.baseAddress, uInt(input.count))
                (stream.next_out, stream.avail_out) = (output.baseAddress, uInt(output.count))
                return inflate(&stream, Z_FINISH)
            }
        }
        return code == Z_STREAM_END && stream.avail_out == 0 ? output : nil
    }
}
