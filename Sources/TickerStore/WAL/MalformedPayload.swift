/// Bytes whose CRC is right and whose content is not: the writer was at fault.
struct MalformedPayload: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}
