import CZlib
import MarketData
import TickerStore

@testable import Ingest

extension Workbench {
    /// Makes one `csv` source over the inbox the only source.
    func declare(_ name: String = "csv", _ change: (inout CSVSource) -> Void) throws {
        var source = CSVSource(inbox: path + "/inbox")
        change(&source)
        sources = [SourceDefinition(name: name, kind: .csv(source))]
        try restart()
    }
}

extension Workbench {
    /// A value of the state that the store had when it was opened.
    func stored(_ key: String) -> [UInt8]? { store.openingState.first { $0.key == key }?.value }
}

/// One gzip member.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: bytes.count + 1_024)
    let count = input.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            stream.next_in = source.baseAddress
            stream.avail_in = uInt(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = uInt(target.count)
            deflate(&stream, Z_FINISH)
            return target.count - Int(stream.avail_out)
        }
    }
    return Array(output[..<count])
}
