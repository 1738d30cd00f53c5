import CZlib

/// What a server sends on one connection, for `ScriptedServer`.
package typealias Script = [ScriptedServer.Step]

extension [ScriptedServer.Step] {
    /// A whole answer with its length.
    package static func answer(_ status: String = "200 OK", type: String? = "application/json", _ headers: [String] = [], body: String = "") -> Script
    {
        answer(status, type: type, headers, body: [UInt8](body.utf8))
    }

    /// A whole answer with its length.
    package static func answer(_ status: String = "200 OK", type: String? = "application/json", _ headers: [String] = [], body: [UInt8]) -> Script {
        [.send(head(status, type: type, ["Content-Length: \(body.count)"] + headers) + body)]
    }

    /// An answer of status 200 that announces another length than it has.
    package static func answer(announcing length: Int, body: String) -> Script {
        [.send(head("200 OK", type: "application/json", ["Content-Length: \(length)"]) + [UInt8](body.utf8))]
    }

    /// A body that ends where the connection does, made of these pieces.
    package static func unframed(_ steps: ScriptedServer.Step..., headers: [String] = []) -> Script {
        [.send(head("200 OK", type: "application/json", headers))] + steps
    }

    /// A chunked body as it is written here, framing and all.
    package static func chunked(_ text: String) -> Script {
        [.send(head("200 OK", type: "application/json", ["Transfer-Encoding: chunked"]) + [UInt8](text.utf8))]
    }

    package static func redirect(_ status: String = "302 Found", to location: String) -> Script {
        answer(status, type: nil, ["Location: \(location)"])
    }

    /// These very bytes.
    package static func bytes(_ text: String) -> Script { [.send([UInt8](text.utf8))] }

    private static func head(_ status: String, type: String?, _ headers: [String]) -> [UInt8] {
        let fields = (type.map { ["Content-Type: \($0)"] } ?? []) + headers + ["Connection: close"]
        return [UInt8]("HTTP/1.1 \(status)\r\n\(fields.joined(separator: "\r\n"))\r\n\r\n".utf8)
    }
}

/// One gzip member (RFC 1952).
package func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    // 15 window bits, and 16 for a gzip wrapper.
    let code = deflateInit2_(
        &stream,
        Z_BEST_COMPRESSION,
        Z_DEFLATED,
        15 + 16,
        8,
        Z_DEFAULT_STRATEGY,
        ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size)
    )
    precondition(code == Z_OK, "zlib cannot start: \(code)")
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
    let written = input.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(output.count)
            precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib does not end")
            return Int(stream.total_out)
        }
    }
    return Array(output[..<written])
}
