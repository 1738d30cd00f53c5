import Ingest
import MarketData

extension Configuration {
    /// Each value that a start would have, and where it comes from; secrets are masked.
    ///
    /// - Throws: `CommandFailure` when a start would fail.
    func effectiveValues() throws -> [ConfiguredValue] {
        try checkVariables()
        return try effectiveValues(of: usableCatalog(dataDirectory: Settings.dataDirectory.resolve(self)))
    }

    /// The same, with the sources at hand.
    func effectiveValues(of catalog: SourceCatalog) throws(CommandFailure) -> [ConfiguredValue] {
        var values: [ConfiguredValue] = []
        for setting in Settings.inFile {
            var (text, origin) = setting.effective(self)
            if setting.key == Settings.listen.key, let port = try ListenAddress.port(self) {
                (text, origin) = ("127.0.0.1:\(port)", "environment PORT")
            }
            values.append(ConfiguredValue(path: setting.key, json: Self.json(text, setting.kind), origin: origin))
        }
        // The token itself is no setting, but whoever looks for the reason of a 401 looks here.
        for (path, name) in [("token", "KASPARRO_TOKEN"), ("jwt_secret", "KASPARRO_JWT_SECRET")] where variable(name) != nil {
            values.append(ConfiguredValue(path: path, json: Self.json("***"), origin: "environment \(name)"))
        }
        if let file = variable(SourceCatalog.extraFileVariable) {
            let origin = "environment \(SourceCatalog.extraFileVariable)"
            values.append(ConfiguredValue(path: "sources.csv.extra_file", json: Self.json(file), origin: origin))
        }
        return values + alerts().values + catalog.values
    }

    /// A value as it stands in a file.
    private static func json(_ text: String, _ kind: SettingKind) -> [UInt8] {
        switch kind {
        case .flag: Array(text.utf8)
        case .number: Int(text).map { Array(String($0).utf8) } ?? json(text)
        case .text, .file, .directory: json(text)
        }
    }

    private static func json(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        JSONText.appendEscaped(text, to: &bytes)
        return bytes
    }
}
