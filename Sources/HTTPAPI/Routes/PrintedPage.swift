import HTTPTypes
import MarketData
import NIOCore
import TickerStore

/// A page of `/data` as it is sent. The stored lines are copied, with commas or newlines between them; nothing is decoded.
struct PrintedPage: Sendable {
    let format: DataRequest.Format
    /// As JSON what follows the key `data` of the envelope, which is another one in each answer; else all of the body.
    let body: ByteBuffer
    /// Of the body.
    let tag: EntityTag
    /// The neighbours.
    let fields: HTTPFields

    /// - Throws: `UnreadableLine`, as CSV only.
    init(_ page: DataPage, _ request: DataRequest) throws {
        format = request.format
        switch format {
        case .json: body = Self.json(page, request)
        case .ndjson: body = Self.lines(page)
        case .csv: body = try Self.table(page)
        }
        tag = EntityTag(of: body.readableBytesView)
        fields = Self.fields(page, request)
    }

    /// An array, and the rest of the object that it is in.
    private static func json(_ page: DataPage, _ request: DataRequest) -> ByteBuffer {
        let tail = pagination(page, request)
        var body = ByteBuffer()
        body.reserveCapacity(page.rowBytes + tail.count + 20)
        body.writeStaticString("[")
        page.appendRows(to: &body, separator: UInt8(ascii: ","))
        body.writeStaticString("],\"pagination\":")
        body.writeBytes(tail)
        body.writeStaticString("}")
        return body
    }

    /// One row per line.
    private static func lines(_ page: DataPage) -> ByteBuffer {
        var body = ByteBuffer()
        body.reserveCapacity(page.rowBytes)
        page.appendRows(to: &body, separator: UInt8(ascii: "\n"))
        if !page.isEmpty { body.writeStaticString("\n") }
        return body
    }

    /// The same as CSV, with a header line.
    private static func table(_ page: DataPage) throws -> ByteBuffer {
        ByteBuffer(bytes: try page.table())
    }

    private static func pagination(_ page: DataPage, _ request: DataRequest) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("limit", request.limit)
        writer.member("has_more", page.hasMore)
        writer.member("next_cursor", page.next)
        writer.member("prev_cursor", page.previous)
        writer.member("sort_by", request.filters.order.name)
        writer.member("sort_dir", request.filters.direction == .ascending ? "asc" : "desc")
        writer.endObject()
        return writer.bytes
    }

    private static func fields(_ page: DataPage, _ request: DataRequest) -> HTTPFields {
        var parameters = [(name: "limit", value: "\(request.limit)")]
        if request.includesLineage { parameters.append(("include", "lineage")) }
        if request.format != .json { parameters.append(("format", request.format.rawValue)) }
        var fields: HTTPFields = [:]
        PageLinks(path: "/data", parameters: parameters, next: page.next, previous: page.previous).add(to: &fields)
        return fields
    }
}
