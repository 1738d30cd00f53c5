package import Transfer

/// A server that a source asks, and what may be asked of it.
package struct Upstream: Sendable, Equatable {
    /// Absolute, as the operator wrote it. `{page}`, `{limit}`, `{offset}`, `{cursor}` and `{since}` behind the host stand for values.
    package var url: String
    /// Added to the URL's own query; values may hold the same placeholders, and are percent-encoded when a request is made.
    package var query: [NamedText]
    package var headers: [NamedText]
    package var userAgent: String
    package var quota: Quota
    package var allowsPrivateAddresses: Bool
    package var limits: FetchLimits
    /// A PEM file of the authorities that are trusted; nil: the system's.
    package var certificateFile: String?

    package init(
        url: String,
        query: [NamedText] = [],
        headers: [NamedText] = [],
        userAgent: String,
        quota: Quota = Quota(),
        allowsPrivateAddresses: Bool = false,
        limits: FetchLimits = FetchLimits(),
        certificateFile: String? = nil
    ) {
        self.url = url
        self.query = query
        self.headers = headers
        self.userAgent = userAgent
        self.quota = quota
        self.allowsPrivateAddresses = allowsPrivateAddresses
        self.limits = limits
        self.certificateFile = certificateFile
    }
}

/// A header or a query parameter.
package struct NamedText: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// How many requests a source may send (spec section 7).
package struct Quota: Sendable, Equatable {
    /// In any 60 seconds; at least 1.
    package var perMinute: Int
    /// In a calendar month, UTC; nil: no budget.
    package var perMonth: Int?

    package init(perMinute: Int = 10, perMonth: Int? = nil) {
        self.perMinute = perMinute
        self.perMonth = perMonth
    }
}
