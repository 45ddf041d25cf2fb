# Returns the certificates of the machine, whole (DER, base64): Piste parses them, whatever the language of the host.
@{
    certificates = @(foreach ($certificate in Get-ChildItem -Path Cert:\LocalMachine\My) {
        @{ content = [Convert]::ToBase64String($certificate.RawData); has_private_key = $certificate.HasPrivateKey }
    })
}
