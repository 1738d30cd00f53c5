import HTTPAPI

/// Credentials that stay as they are.
struct FixedCredentials: CredentialReading {
    let credentials: Credentials

    func current() -> Credentials { credentials }
}
