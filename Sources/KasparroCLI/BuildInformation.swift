import MarketData

/// What this binary is.
enum BuildInformation {
    static let version = "0.1.0"
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
