import MarketData

/// What this binary is.
enum BuildInformation {
    static let version = "0.1.0"
    /// This version did not exist before; a clock that says otherwise is wrong.
    static let existsSince = Timestamp(milliseconds: 1_767_225_600_000)
    /// The format number of the data directory.
    static let dataFormat = 1
    /// Sent with every request to a source.
    static let userAgent = "kasparro/\(version)"

    static var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("version", version)
        writer.member("data_format", dataFormat)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
