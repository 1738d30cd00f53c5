import CZlib

package struct NotGzip: Error {}

/// Inflates one gzip member (RFC 1952), its checksum checked.
///
/// - Throws: `NotGzip` when it is none, is cut, or something follows it.
package func gunzip(_ bytes: [UInt8]) throws -> [UInt8] {
    var stream = z_stream()
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { throw NotGzip() }
    defer { inflateEnd(&stream) }
    var input = bytes
    var output: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    return try input.withUnsafeMutableBufferPointer { source in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        var status = Z_OK
        while status == Z_OK {
            let made = piece.withUnsafeMutableBufferPointer { room in
                stream.next_out = room.baseAddress
                stream.avail_out = UInt32(room.count)
                status = inflate(&stream, Z_NO_FLUSH)
                return room.count - Int(stream.avail_out)
            }
            output += piece[..<made]
        }
        guard status == Z_STREAM_END, stream.avail_in == 0 else { throw NotGzip() }
        return output
    }
}
