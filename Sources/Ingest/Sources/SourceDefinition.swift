/// One place that data come from (spec section 2).
package struct SourceDefinition: Sendable {
    package enum Kind: Sendable {
        case http(HTTPSource)
        case csv(CSVSource)
    }

    package var name: String
    package var kind: Kind

    package init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }

    var kindName: String {
        switch kind {
        case .http: "http"
        case .csv: "csv"
        }
    }
}

/// A JSON API that answers a GET with an array of records.
package struct HTTPSource: Sendable {
    /// Absolute, percent-encoded.
    package var url: String
    /// JSON pointers (RFC 6901) into a record.
    package var fields: [TickerField: String]
    /// Fields in which the provider writes 0 for unknown.
    package var zeroIsNull: Set<TickerField>
    /// Requests in any 60 seconds.
    package var quotaPerMinute: Int
    package var userAgent: String

    package init(url: String, fields: [TickerField: String], zeroIsNull: Set<TickerField> = [], quotaPerMinute: Int, userAgent: String) {
        self.url = url
        self.fields = fields
        self.zeroIsNull = zeroIsNull
        self.quotaPerMinute = quotaPerMinute
        self.userAgent = userAgent
    }
}

/// Every `*.csv` and `*.csv.gz` of a directory, and files named one by one.
package struct CSVSource: Sendable {
    package var inbox: String
    package var extraFiles: [String]
    /// Columns with names of their own.
    package var declared: [String: TickerField]

    package init(inbox: String, extraFiles: [String] = [], declared: [String: TickerField] = [:]) {
        self.inbox = inbox
        self.extraFiles = extraFiles
        self.declared = declared
    }
}
