# Takes the functions out of eng/verify-on-windows.ps1 and tries those that need no Windows. VerifyScriptTests runs it.
param([Parameter(Mandatory)][string]$Engineering)
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$tokens = $errors = $null
$script = [System.Management.Automation.Language.Parser]::ParseFile((Join-Path $Engineering 'verify-on-windows.ps1'), [ref]$tokens, [ref]$errors)
if ($errors.Count -ne 0) { throw "the script does not parse: $errors" }
$functions = $script.FindAll({ $args[0] -is [System.Management.Automation.Language.FunctionDefinitionAst] }, $true)
foreach ($function in $functions) { Invoke-Expression $function.Extent.Text }

# Every command that is no program is a function of the script or of PowerShell, or of the two modules that only Windows has.
$windowsOnly = 'Mount-DiskImage', 'Get-DiskImage', 'Dismount-DiskImage'
foreach ($command in $script.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
    $name = $command.GetCommandName()
    if ($name -and $name -like '*-*' -and $name -notin $windowsOnly) { Get-Command $name | Out-Null }
}
Add-Type -Path (Join-Path $Engineering 'LayerFacts.cs')

function Assert-Throws([scriptblock]$action, [string]$says) {
    try { & $action | Out-Null }
    catch { Assert-That ("$_" -match $says) "it says '$_', not '$says'"; return }
    throw "nothing was thrown, expected '$says'"
}
function New-Fact([string]$name, [long]$time = 1, [int]$links = 1, [string]$hash = 'AB', [long]$change = $time) {
    "$name|attributes 20|creation $time|access $time|write $time|change $change|links $links||$hash"
}
$root = New-Fact 'Files' 1
function Assert-Same([string]$ours, [string]$theirs, [switch]$AnyLinks) {
    Compare-Layers @($root, $ours) @($root, $theirs) 'x' -AnyLinks:$AnyLinks | Out-Null
}
function Assert-Different([string]$ours, [string]$theirs, [switch]$AnyLinks) {
    Assert-Throws { Compare-Layers @($root, $ours) @($root, $theirs) 'x' -AnyLinks:$AnyLinks } 'x: 2 differences'
}

# What is new each time is no difference.
Assert-Same (New-Fact 'Files' 2) (New-Fact 'Files' 3)
foreach ($disk in 'SystemTemplate', 'SystemTemplateBase') { Assert-Same (New-Fact "UtilityVM\$disk.vhdx" 2 -hash 'CD') (New-Fact "UtilityVM\$disk.vhdx" 3) }
Assert-Same (New-Fact 'UtilityVM\Files\EFI\Microsoft\Boot\BCD.LOG1' 2 -hash 'CD') (New-Fact 'UtilityVM\Files\EFI\Microsoft\Boot\BCD.LOG1')
foreach ($name in 'Hives', 'Hives\System_Base', 'UtilityVM', 'UtilityVM\Files\EFI\Microsoft\Boot') { Assert-Same (New-Fact $name 2) (New-Fact $name 3) }
Assert-Same (New-Fact 'Files\a' -links 2 -change 7) (New-Fact 'Files\a' -links 2 -change 8)
Assert-Same (New-Fact 'Files\a' -links 3 -change 7) (New-Fact 'Files\a' -links 2 -change 8) -AnyLinks

# Everything else is.
foreach ($wrong in (New-Fact 'Files\b' 1), (New-Fact 'Files\a' 2), (New-Fact 'Files\a' -change 2), (New-Fact 'Files\a' -hash 'CD'), (New-Fact 'Files\a' -links 2)) {
    Assert-Different $wrong (New-Fact 'Files\a')
}
Assert-Different (New-Fact 'Files\a' -hash 'CD' -links 3) (New-Fact 'Files\a' -links 2) -AnyLinks
Assert-Different (New-Fact 'Hives\System_Base' -hash 'CD') (New-Fact 'Hives\System_Base')
Assert-Different (New-Fact 'Files\SystemTemplate.vhdx' 2) (New-Fact 'Files\SystemTemplate.vhdx')
Assert-Different (New-Fact 'UtilityVM\Files\EFI\Microsoft\Boot\bootmgfw.efi' 2) (New-Fact 'UtilityVM\Files\EFI\Microsoft\Boot\bootmgfw.efi')
Assert-Throws { Compare-Layers @($root, (New-Fact 'Files\a')) @($root, (New-Fact 'Files\a'), (New-Fact 'UtilityVM\SystemTemplate.vhdx')) 'x' } 'x: 1 differences'
Assert-Throws { Compare-Layers @() @($root) 'x' } 'no files'

# The rest of what needs no Windows.
Assert-That ((@(Get-Parents @('a', 'b') '-l') -join ' ') -eq '-l a -l b') 'Get-Parents'
Assert-That (@(Get-Parents @() '-l').Count -eq 0) 'Get-Parents of none'
Assert-That ((Invoke-Checked dotnet --version) -match '^\d+\.') 'Invoke-Checked hands on what a program prints'
Assert-Throws { Invoke-Checked dotnet no-such-command-of-dotnet 2>&1 } 'failed with'
'done'
