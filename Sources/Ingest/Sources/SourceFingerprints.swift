import Crypto
import MarketData

extension HTTPSource {
    /// Another one asks for other pages, or makes other rows of them. A hash, because URLs may hold secrets.
    var fingerprint: String {
        let fields = TickerField.allCases.compactMap { field in self.fields[field].map { "\(field.rawValue)=\($0)" } }
        let query = upstream.query.map { "\($0.name)=\($0.value)" }
        let parts = [upstream.url, "\(query)", "\(pagination)", "\(pageLimit ?? 0)", records, form.rawValue, "\(fields)", format.fingerprint]
        return Hexadecimal.text(SHA256.hash(data: Array(parts.joined(separator: "\n").utf8)).prefix(16))
    }
}

extension FeedSource {
    /// As that of an `http` source.
    var fingerprint: String {
        let fields = TickerField.allCases.compactMap { field in self.fields[field].map { "\(field.rawValue)=\($0)" } }
        let query = upstream.query.map { "\($0.name)=\($0.value)" }
        let parts = [upstream.url, "\(query)", records ?? "", "\(fields)", format.fingerprint]
        return Hexadecimal.text(SHA256.hash(data: Array(parts.joined(separator: "\n").utf8)).prefix(16))
    }
}

extension RecordFormat {
    /// Another one makes other rows.
    fileprivate var fingerprint: String {
        "\(zeroIsNull.map(\.rawValue).sorted()) \(decimalSeparator) \(timestamps)"
            + " \(constants.map { "\($0.key)=\($0.value)" }.sorted()) \(patterns.map { "\($0.key)=\($0.value)" }.sorted())"
    }
}
